import socket

client = socket.socket()
client.connect(('127.0.0.1', 9527))
client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)     # send each at once
client.send(b'one')         # this segment is lost on its way
client.send(b'two')
client.send(b'three')
print(client.recv(1024))
client.close()
