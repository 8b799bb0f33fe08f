import socket
import struct

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('127.0.0.1', 9527))
server.listen(5)
conn, addr = server.accept()
while True:
    header = conn.recv(4)
    if not header:
        break
    length = struct.unpack('!I', header)[0]
    data = conn.recv(length)
    print(header, 'says', length, 'bytes, and here are', len(data), data)
conn.close()
server.close()
