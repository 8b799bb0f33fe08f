import socket
import time

client = socket.socket()
client.connect(('127.0.0.1', 9527))
print('connected')
for part in range(3):
    print('thinking')
    time.sleep(0.4)
client.send(b'slow')
print(client.recv(1024))
client.close()
