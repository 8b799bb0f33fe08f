import socket

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('127.0.0.1', 9527))
server.listen(5)
conn, addr = server.accept()
message = b''
while True:
    data = conn.recv(4)
    if not data:
        break
    print(len(data), 'bytes')
    message += data
print(message.decode('utf-8'))
conn.close()
server.close()
