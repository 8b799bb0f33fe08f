import socket
import time

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('127.0.0.1', 9527))
server.listen(1)
for part in range(6):
    print('busy, no accept yet')
    time.sleep(0.4)

server.settimeout(0.2)
try:
    while True:
        conn, addr = server.accept()
        print('accepted one')
        conn.close()
except socket.timeout:
    print('nobody else is waiting')
server.close()
