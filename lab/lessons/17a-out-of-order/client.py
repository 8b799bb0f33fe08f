import socket

client = socket.socket()
client.connect(('127.0.0.1', 9527))
client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)     # send each at once
client.send(b'1st')         # this segment is overtaken by the next one
client.send(b'2nd')
client.send(b'3rd')
print(client.recv(1024))
client.close()
