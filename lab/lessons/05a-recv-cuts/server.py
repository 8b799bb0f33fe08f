import socket
import time

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('127.0.0.1', 9527))
server.listen(5)
conn, addr = server.accept()
time.sleep(0.5)     # the client sends twice now

print(conn.recv(5))
print(conn.recv(5))
print(conn.recv(1024))
conn.close()
server.close()
