#!/usr/bin/env python3
"""A client for servers that frame their messages with a 4-byte length header.

    python3 framed_client.py hello "how are you?"

It sends each message of the command line and prints each reply on a line of its own.
"""

import argparse
import os
import socket
import struct
import sys

# The longest payload that is accepted. Without a limit, four bytes from a stranger could make
# us set 4 GiB aside.
MAX_PAYLOAD = 1024 * 1024

# A server that says nothing for so long, in seconds, is taken for gone.
PATIENCE = 10

HEADER_FORMATS = ["<i", "!I", "<I", "!i", ">i", ">I", "i", "I"]


class FramingError(Exception):
    """What arrived cannot be a message, or only a part of one."""


def recv_exactly(sock, count):
    """Return the next `count` bytes; fewer only if the peer closes before all have come."""
    # recv(n) returns what is there, 1 to n bytes, not n: TCP carries a stream of bytes and keeps
    # no borders between sends. So we ask again, for what is still missing, until nothing is.
    chunks = []
    missing = count
    while missing > 0:
        chunk = sock.recv(min(missing, 64 * 1024))
        if chunk == b"":  # the peer has closed its side; nothing will ever follow
            break
        chunks.append(chunk)
        missing -= len(chunk)
    return b"".join(chunks)


def recv_message(sock, header):
    """Return the next payload, or None if the peer closed between two messages."""
    head = recv_exactly(sock, header.size)
    if head == b"":
        return None  # and not b"", which is a message too: one with an empty payload
    if len(head) < header.size:
        raise FramingError(
            f"the connection closed inside a header: {len(head)} of {header.size} bytes arrived"
        )
    (length,) = header.unpack(head)
    # Checked before anything is done with it: the number is only what the peer claims.
    if length < 0:
        raise FramingError(f"the header says {length}, and no payload is shorter than 0 bytes")
    if length > MAX_PAYLOAD:
        raise FramingError(f"the header says {length} bytes, over the limit of {MAX_PAYLOAD}")
    payload = recv_exactly(sock, length)
    if len(payload) < length:
        raise FramingError(
            f"the connection closed inside a message: {len(payload)} of {length} bytes arrived"
        )
    return payload


def send_message(sock, header, payload):
    """Send the header and the payload."""
    # In one sendall: were the header sent alone, Nagle's algorithm would hold the payload back
    # until the peer has acknowledged the header, and the peer may take its time with that.
    # And sendall, not send: send(), like recv(), may take only a part.
    sock.sendall(header.pack(len(payload)) + payload)


def printable(payload):
    """Return the payload as a Python literal: as text if it is UTF-8, as bytes if not."""
    try:
        return repr(payload.decode("utf-8"))
    except UnicodeDecodeError:
        return repr(payload)


def talk(sock, header, messages):
    """Send each message and print the replies, until the server closes."""
    for message in messages:
        send_message(sock, header, message)
        reply = recv_message(sock, header)
        if reply is None:
            raise FramingError("the server closed instead of replying")
        print(printable(reply), flush=True)
    # "I will send no more": the server's recv() now returns b"". Our side stays open for
    # reading, because one message may have more than one reply (try "/burst 3 hi").
    sock.shutdown(socket.SHUT_WR)
    while True:
        reply = recv_message(sock, header)
        if reply is None:
            return
        print(printable(reply), flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(description="Send framed messages and print the replies.")
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    parser.add_argument("--port", type=int, default=9527, help="default: %(default)s")
    parser.add_argument(
        "--header",
        default="<i",
        choices=HEADER_FORMATS,
        metavar="FORMAT",
        help="the header, as the struct module writes it; default: %(default)s",
    )
    parser.add_argument("messages", nargs="+", metavar="MESSAGE")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    header = struct.Struct(arguments.header)
    messages = [os.fsencode(message) for message in arguments.messages]
    # A reply may hold characters that this terminal cannot show; escape them, do not fail.
    sys.stdout.reconfigure(errors="backslashreplace")
    try:
        with socket.create_connection((arguments.host, arguments.port), timeout=PATIENCE) as sock:
            talk(sock, header, messages)
    except socket.timeout:
        sys.exit(f"framed_client: no answer from the server within {PATIENCE} s")
    except (OSError, OverflowError, FramingError) as error:
        sys.exit(f"framed_client: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
