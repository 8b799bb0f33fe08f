import socket

client = socket.socket()
client.connect(('127.0.0.1', 9527))
client.setblocking(False)
try:
    while True:
        client.send(b'y' * 100000)
except BlockingIOError as error:
    print(error)

client.setblocking(True)
client.send(b'z')           # returns when the server reads
print('send returns again')
client.close()
