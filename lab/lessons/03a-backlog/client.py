import socket
import time

clients = []
for number in range(1, 6):
    client = socket.socket()
    client.settimeout(0.1)      # connect would wait for minutes
    try:
        client.connect(('127.0.0.1', 9527))
        print(number, 'connected')
    except socket.timeout:
        print(number, 'no answer')
    clients.append(client)

time.sleep(1)                   # the kernel sends the SYNs again
for client in clients:
    client.close()
