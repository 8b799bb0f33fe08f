# Imported names.
from socket import *
print(AF_INET, SOCK_STREAM)
