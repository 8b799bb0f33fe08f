import socket
import time

client = socket.socket()
start = time.time()
client.connect(('127.0.0.1', 9527))
seconds = time.time() - start

print('connect took less than 0.2 seconds:', seconds < 0.2)
client.send(b'hello')
client.close()
