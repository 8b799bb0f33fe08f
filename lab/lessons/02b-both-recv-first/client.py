import socket

client = socket.socket()
client.connect(('127.0.0.1', 9527))
data = client.recv(1024)    # waits for the server
print(data)
client.send(b'hello, server')
client.close()
