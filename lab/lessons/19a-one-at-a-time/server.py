import socket

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('127.0.0.1', 9527))
server.listen(5)
for number in range(2):
    conn, addr = server.accept()
    while True:
        data = conn.recv(1024)
        if not data:
            break
        print(data)
        conn.send(data.upper())
    conn.close()
server.close()
