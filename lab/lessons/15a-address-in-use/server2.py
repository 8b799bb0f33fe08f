import socket

server = socket.socket()
server.bind(('127.0.0.1', 9527))
server.listen(5)
print('serving')
conn, addr = server.accept()
conn.send(b'goodbye')
conn.close()        # the server closes first
server.close()
