import socket

client = socket.socket()
client.connect(('127.0.0.1', 9527))
client.send(b'hell')         # the length was forgotten
client.send(b'o')
client.close()
