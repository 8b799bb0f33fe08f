import socket
import time

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('127.0.0.1', 9527))
server.listen(5)
conn, addr = server.accept()
for part in range(3):
    print('busy, no recv yet')
    time.sleep(0.4)

total = 0
while True:
    data = conn.recv(65536)
    if not data:
        break
    total += len(data)
print('more than 10000 bytes:', total > 10000)
conn.close()
server.close()
