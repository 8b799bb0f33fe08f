import socket
import struct

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('127.0.0.1', 9527))
server.listen(5)
conn, addr = server.accept()
for number in range(2):
    header = conn.recv(4)
    length = struct.unpack('i', header)[0]
    data = conn.recv(length)
    print(length, data.decode('utf-8'))
conn.close()
server.close()
