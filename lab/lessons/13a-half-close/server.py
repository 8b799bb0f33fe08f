import socket
import time

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('127.0.0.1', 9527))
server.listen(5)
conn, addr = server.accept()
while True:
    data = conn.recv(1024)
    print(data)
    if not data:
        break
time.sleep(0.1)             # long enough for the FIN to be acknowledged alone
conn.send(b'late, and it arrives')
conn.close()
server.close()
