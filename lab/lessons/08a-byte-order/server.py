import socket
import struct

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('127.0.0.1', 9527))
server.listen(5)
conn, addr = server.accept()
header = conn.recv(4)
print(header)
print('read as !I:', struct.unpack('!I', header)[0])
print('read as <i:', struct.unpack('<i', header)[0])
conn.close()
server.close()
