import socket
import time

client = socket.socket()
client.connect(('127.0.0.1', 9527))
client.send(b'hello')
time.sleep(0.3)
client.send(b'hello')
time.sleep(0.3)
client.send(b'hello')
client.close()
