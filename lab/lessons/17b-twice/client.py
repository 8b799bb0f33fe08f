import socket

client = socket.socket()
client.connect(('127.0.0.1', 9527))
client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)     # send each at once
client.send(b'red')         # each segment arrives twice
client.send(b'ink')
client.send(b'dry')
print(client.recv(1024))
client.close()
