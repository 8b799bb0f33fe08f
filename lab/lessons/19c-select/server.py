import select
import socket

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('127.0.0.1', 9527))
server.listen(5)
socks = [server]
closed = 0
while closed < 2:
    ready, _, _ = select.select(socks, [], [])
    for sock in ready:
        if sock is server:
            conn, addr = server.accept()
            socks.append(conn)
            continue
        data = sock.recv(1024)
        if data:
            print(data)
            sock.send(data.upper())
        else:
            socks.remove(sock)
            sock.close()
            closed += 1
server.close()
