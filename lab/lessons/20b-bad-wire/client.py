import json
import socket
import struct

name = 'photo.png'
content = bytes(range(256)) * 80     # what open(name, 'rb').read() would return

client = socket.socket()
client.connect(('127.0.0.1', 9527))
header = json.dumps({'name': name, 'size': len(content)}).encode('utf-8')
client.send(struct.pack('!I', len(header)))
client.send(header)
client.sendall(content)
client.close()
