import socket

client = socket.socket()
client.connect(('127.0.0.1', 9527))
client.send(b'that is all')
client.shutdown(socket.SHUT_WR)
while True:
    data = client.recv(1024)
    print(data)
    if not data:
        break
client.close()
