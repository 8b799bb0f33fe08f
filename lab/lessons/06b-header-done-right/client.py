import socket
import struct

client = socket.socket()
client.connect(('127.0.0.1', 9527))
for text in ['hello', '你好, world']:
    data = text.encode('utf-8')
    header = struct.pack('!I', len(data))
    client.sendall(header + data)
client.close()
