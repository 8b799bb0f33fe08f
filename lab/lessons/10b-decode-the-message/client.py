import socket

client = socket.socket()
client.connect(('127.0.0.1', 9527))
client.send('你好'.encode('utf-8'))     # six bytes
client.close()
