import socket

client = socket.socket()
client.connect(('127.0.0.1', 9527))
client.send(b'hello')       # this segment is lost on its way
print(client.recv(1024))
client.close()
