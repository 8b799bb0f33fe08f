import socket
import time

client = socket.socket()
client.connect(('127.0.0.1', 9527))
print(client.recv(1024))        # b'': the server has closed
print(client.send(b'one'))      # taken by the kernel; the answer is a reset
time.sleep(0.3)
print(client.send(b'two'))
client.close()
