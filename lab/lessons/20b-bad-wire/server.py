import json
import socket
import struct

def recv_exact(conn, length):
    data = b''
    while len(data) < length:
        chunk = conn.recv(length - len(data))
        if not chunk:
            raise EOFError(f'{length - len(data)} of {length} bytes are missing')
        data += chunk
    return data

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('127.0.0.1', 9527))
server.listen(5)
conn, addr = server.accept()
length = struct.unpack('!I', recv_exact(conn, 4))[0]
header = json.loads(recv_exact(conn, length).decode('utf-8'))
content = recv_exact(conn, header['size'])
print(len(content), 'bytes of', header['name'])
print('whole:', content == bytes(range(256)) * 80)
conn.close()
server.close()
