import socket

client = socket.socket()
client.connect(('127.0.0.1', 9527))
client.send(b'x' * 9000)     # more than the server's buffer holds
print('sent')
client.close()
