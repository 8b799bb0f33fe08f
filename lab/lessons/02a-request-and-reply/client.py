import socket

client = socket.socket()
client.connect(('127.0.0.1', 9527))
text = input('say: ')
client.send(text.encode('utf-8'))
data = client.recv(1024)
print('server says:', data.decode('utf-8'))
client.close()
