import socket
import struct

LIMIT = 1024 * 1024

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('127.0.0.1', 9527))
server.listen(5)
for number in range(2):
    conn, addr = server.accept()
    header = conn.recv(4)
    length = struct.unpack('!i', header)[0]
    if length < 0 or length > LIMIT:
        print('refused:', length)
    conn.close()
server.close()
