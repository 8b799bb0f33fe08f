import socket

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('127.0.0.1', 9527))
server.listen(5)
print('serving')
conn, addr = server.accept()
conn.send(b'goodbye')
conn.close()        # the server closes first
server.close()
