import socket

client = socket.socket()
client.connect(('127.0.0.1', 9527))
print(client.recv(1024))
print(client.recv(1024))
client.close()
