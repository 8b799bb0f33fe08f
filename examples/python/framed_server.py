#!/usr/bin/env python3
"""A server that sends each message back, framed with a 4-byte length header.

    python3 framed_server.py --port 7000

Each client has a thread of its own, so that a slow one delays nobody else.
"""

import argparse
import signal
import socket
import struct
import sys
import threading
import time

# The longest payload that is accepted. Without a limit, four bytes from a stranger could make
# us set 4 GiB aside.
MAX_PAYLOAD = 1024 * 1024

# How long, in seconds, a refused client may take to read why.
FAREWELL = 5

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


def refuse(sock, header, error):
    """Tell the client what was wrong, and give it the time to read that."""
    send_message(sock, header, f"error: {error}".encode("utf-8"))
    sock.shutdown(socket.SHUT_WR)
    # Closed with bytes unread, a socket sends a reset, and a reset makes the client's kernel
    # throw our error away. So we read what the client still sends, for a while.
    deadline = time.monotonic() + FAREWELL
    sock.settimeout(FAREWELL)
    while time.monotonic() < deadline and sock.recv(64 * 1024) != b"":
        pass


def serve(sock, peer, header):
    """Send every message of one client back, until it closes."""
    with sock:
        try:
            while True:
                message = recv_message(sock, header)
                if message is None:
                    return
                send_message(sock, header, message)
        except FramingError as error:
            log(peer, error)
            # After a bad header nobody knows where the next message begins: this connection
            # cannot be saved. The others do not notice.
            try:
                refuse(sock, header, error)
            except OSError as failure:
                log(peer, failure)
        except OSError as error:  # for instance a reset
            log(peer, error)


def log(peer, what):
    print(f"{peer[0]}:{peer[1]}: {what}", file=sys.stderr, flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(description="Send framed messages back as they came.")
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    parser.add_argument(
        "--port", type=int, default=9527, help="0 takes any free one; default: %(default)s"
    )
    parser.add_argument(
        "--header",
        default="<i",
        choices=HEADER_FORMATS,
        metavar="FORMAT",
        help="the header, as the struct module writes it; default: %(default)s",
    )
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    header = struct.Struct(arguments.header)
    try:
        # SIGTERM, as from `kill`, ends us like Ctrl-C does.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with socket.create_server((arguments.host, arguments.port)) as listener:
            host, port = listener.getsockname()
            print(f"listening on {host}:{port}", flush=True)
            # On Windows, Ctrl-C cannot interrupt a call that waits; so wait a second at a time.
            listener.settimeout(1)
            while True:
                try:
                    sock, peer = listener.accept()
                except socket.timeout:
                    continue
                # Threads of the daemon kind do not keep the program alive after Ctrl-C.
                threading.Thread(target=serve, args=(sock, peer, header), daemon=True).start()
    except (OSError, OverflowError) as error:
        sys.exit(f"framed_server: {error}")
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
