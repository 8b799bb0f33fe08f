import socket

client = socket.socket()
client.connect(('127.0.0.1', 9527))
print(client.send(b'x' * 1000))     # nobody has read them

client.settimeout(0.2)
try:
    while True:
        client.send(b'y' * 100000)
except socket.timeout:
    print('send waits: the buffers are full')

client.settimeout(None)
client.send(b'z')           # returns when the server reads
print('send returns again')
client.close()
