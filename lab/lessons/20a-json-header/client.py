import json
import socket
import struct

name = 'poem.txt'
content = '床前明月光\n疑是地上霜'.encode('utf-8')     # what open(name, 'rb').read() would return

client = socket.socket()
client.connect(('127.0.0.1', 9527))
header = json.dumps({'name': name, 'size': len(content)}).encode('utf-8')
client.send(struct.pack('!I', len(header)))
client.send(header)
client.sendall(content)
client.close()
