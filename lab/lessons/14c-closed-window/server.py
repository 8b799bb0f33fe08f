import socket
import time

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)     # a small buffer
server.bind(('127.0.0.1', 9527))
server.listen(5)
conn, addr = server.accept()
for part in range(4):
    print('busy, no recv yet')
    time.sleep(0.4)

total = 0
while True:
    data = conn.recv(3000)
    if not data:
        break
    total += len(data)
print(total)
conn.close()
server.close()
