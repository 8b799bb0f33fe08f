import socket

client = socket.socket()
client.connect(('127.0.0.1', 9527))
client.send(b'quick')
print(client.recv(1024))
client.close()
