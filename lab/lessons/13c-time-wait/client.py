import socket

client = socket.socket()
client.connect(('127.0.0.1', 9527))
client.close()              # the first to close
