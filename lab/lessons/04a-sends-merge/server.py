import socket
import time

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('127.0.0.1', 9527))
server.listen(5)
conn, addr = server.accept()
time.sleep(0.5)     # the client sends three times now

data1 = conn.recv(1024)
data2 = conn.recv(1024)
data3 = conn.recv(1024)

print(data1)
print(data2)
print(data3)
conn.close()
server.close()
