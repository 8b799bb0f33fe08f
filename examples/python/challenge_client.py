#!/usr/bin/env python3
"""A start for the challenge, with three holes to fill.

    framescope challenge             # in one terminal
    python3 challenge_client.py      # in another

For each case it connects, says hello, and sends every message back as it came. It passes the first cases. Where it fails,
the other terminal says what came, what was expected, and how to repeat the case alone.

In a class it connects to the teacher's machine, and says first what your page shows:

    python3 challenge_client.py --host 192.168.1.20 --hello 7-042917
"""

import argparse
import socket
import struct
import sys

# Four bytes of length before each message: little-endian, with a sign.
HEADER = struct.Struct("<i")


def recv_exactly(sock, count):
    """Return the next `count` bytes."""
    # Hole 1: recv(count) returns the bytes that are there, which may be fewer.
    return sock.recv(count)


def recv_message(sock):
    """Return the next message, or None if there will be no other."""
    head = recv_exactly(sock, HEADER.size)
    # Hole 2: the server may have closed, between two messages or in the middle of one.
    (length,) = HEADER.unpack(head)
    # Hole 3: the length is only what the other side claims.
    return recv_exactly(sock, length)


def send_message(sock, message):
    """Send the header and the message."""
    sock.sendall(HEADER.pack(len(message)) + message)


def answer(sock, hello):
    """Say hello, and send every message back until there is no other. Return how many there were."""
    send_message(sock, hello.encode())
    count = 0
    while True:
        message = recv_message(sock)
        if message is None:
            return count
        count += 1
        send_message(sock, message)


def main():
    parser = argparse.ArgumentParser(description="Answer each message of the challenge.")
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    parser.add_argument("--port", type=int, default=9530, help="default: %(default)s")
    parser.add_argument("--hello", default="hello", help="default: %(default)s; in a class, what your page shows")
    arguments = parser.parse_args()
    cases = 0
    while True:
        try:
            sock = socket.create_connection((arguments.host, arguments.port), timeout=10)
        except ConnectionRefusedError:
            # Nobody listens any more: the challenge is over. Or it has never begun.
            sys.exit(None if cases > 0 else "start framescope challenge first")
        with sock:
            if answer(sock, arguments.hello) == 0:
                # A class has no case for it any more. Or it does not know what was said first.
                sys.exit(None if cases > 0 else "no message came: is --hello what your page shows, or is all passed?")
        cases += 1


if __name__ == "__main__":
    main()
