import socket

client = socket.socket()
client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 20000)     # a small buffer
client.connect(('127.0.0.1', 9527))
client.settimeout(0.2)
data = b'x' * 1000000
sent = client.send(data)
print('send took everything:', sent == len(data))
client.close()
