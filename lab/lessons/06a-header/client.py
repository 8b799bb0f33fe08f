import socket
import struct

client = socket.socket()
client.connect(('127.0.0.1', 9527))
for text in ['hello', '你好, world']:
    data = text.encode('utf-8')
    header = struct.pack('i', len(data))
    client.send(header)
    client.send(data)
client.close()
