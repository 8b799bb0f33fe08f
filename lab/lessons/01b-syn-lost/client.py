import socket

client = socket.socket()
client.connect(('127.0.0.1', 9527))     # the first two SYNs are lost
print('connected')
client.send(b'hello')
client.close()
