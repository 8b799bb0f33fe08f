import socket

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('127.0.0.1', 9527))
server.listen(5)
conn, addr = server.accept()
for number in range(5):     # with while True it would never end
    data = conn.recv(1024)
    print(number, data)
conn.close()
server.close()
