import socket
import struct

client = socket.socket()
client.connect(('127.0.0.1', 9527))
client.send(struct.pack('!I', 12))
client.send(b'hello ')       # world! is never sent
client.close()
