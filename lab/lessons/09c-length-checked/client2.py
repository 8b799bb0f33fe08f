import socket
import struct

client = socket.socket()
client.connect(('127.0.0.1', 9527))
client.send(struct.pack('!i', 0x7fffffff))
print(client.recv(1024))
client.close()
