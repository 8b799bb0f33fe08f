import socket
import struct
import time

client = socket.socket()
client.connect(('127.0.0.1', 9527))
client.send(struct.pack('!I', 12))
client.send(b'hello ')
time.sleep(0.3)
client.send(b'world!')
time.sleep(0.3)
client.send(struct.pack('!I', 5) + b'again')
client.close()
