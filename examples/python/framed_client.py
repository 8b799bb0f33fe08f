#!/usr/bin/env python3
"""A client for servers that frame their messages with a 4-byte length header.

    python3 framed_client.py hello "how are you?"

It sends each message of the command line and prints each reply on a separate line.
"""

import argparse
import os
import socket
import struct
import sys

# The longest payload that is accepted, in bytes. Without a limit, four bytes from the peer could
# make us reserve 4 GiB.
MAX_PAYLOAD = 1024 * 1024

# If the server sends nothing for this time, in seconds, we give up.
TIMEOUT = 10

HEADER_FORMATS = ["<i", "!I", "<I", "!i", ">i", ">I", "i", "I"]


class FramingError(Exception):
    """The bytes that arrived are not a message, or only a part of one."""


def recv_exactly(sock, count):
    """Return the next `count` bytes; fewer only if the peer closes before they arrive."""
    # recv(n) returns the bytes that are there: 1 to n bytes, not always n. TCP carries a stream of
    # bytes and does not keep the boundaries between sends. So we call recv until no bytes are
    # missing.
    chunks = []
    missing = count
    while missing > 0:
        chunk = sock.recv(min(missing, 64 * 1024))
        if chunk == b"":  # the peer has closed its side, and no more bytes will arrive
            break
        chunks.append(chunk)
        missing -= len(chunk)
    return b"".join(chunks)


def recv_message(sock, header):
    """Return the next payload, or None if the peer closed between two messages."""
    head = recv_exactly(sock, header.size)
    if head == b"":
        return None  # not b"": that is a message with an empty payload
    if len(head) < header.size:
        raise FramingError(
            f"the connection closed inside a header: {len(head)} of {header.size} bytes arrived"
        )
    (length,) = header.unpack(head)
    # Check the number before it is used: it is only what the peer claims.
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
    # In one sendall. If we sent the header alone, Nagle's algorithm would hold the payload until
    # the peer has acknowledged the header, and the peer may delay that.
    # And sendall, not send: send(), like recv(), may take only a part of the bytes.
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
    # Close our sending side: the server's recv() now returns b"". We can still receive, because
    # one message may have more than one reply (try "/burst 3 hi").
    sock.shutdown(socket.SHUT_WR)
    while True:
        reply = recv_message(sock, header)
        if reply is None:
            return
        print(printable(reply), flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(description="Send framed messages and print the replies.")
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    parser.add_argument("--port", type=int, default=9529, help="default: %(default)s")
    parser.add_argument(
        "--header",
        default="<i",
        choices=HEADER_FORMATS,
        metavar="FORMAT",
        help="the header's format, in the notation of struct; default: %(default)s",
    )
    parser.add_argument("messages", nargs="+", metavar="MESSAGE")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    header = struct.Struct(arguments.header)
    messages = [os.fsencode(message) for message in arguments.messages]
    # A reply may contain characters that this terminal cannot show. Escape them instead of failing.
    sys.stdout.reconfigure(errors="backslashreplace")
    try:
        with socket.create_connection((arguments.host, arguments.port), timeout=TIMEOUT) as sock:
            talk(sock, header, messages)
    except socket.timeout:
        sys.exit(f"framed_client: no answer from the server within {TIMEOUT} s")
    except (OSError, OverflowError, FramingError) as error:
        sys.exit(f"framed_client: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
