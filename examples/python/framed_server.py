#!/usr/bin/env python3
"""A server that sends each message back, framed with a 4-byte length header.

    python3 framed_server.py --port 7000

Each client has its own thread, so that a slow client does not delay the others.
"""

import argparse
import signal
import socket
import struct
import sys
import threading
import time

# The longest payload that is accepted, in bytes. Without a limit, four bytes from the peer could
# make us reserve 4 GiB.
MAX_PAYLOAD = 1024 * 1024

# The time, in seconds, that a refused client has to read the error.
REFUSE_TIMEOUT = 5

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


def refuse(sock, header, error):
    """Send the error to the client, and give the client time to read it."""
    send_message(sock, header, f"error: {error}".encode("utf-8"))
    sock.shutdown(socket.SHUT_WR)
    # If a socket is closed with unread bytes, it sends a reset. A reset makes the client's kernel
    # drop our error. So for a short time we read what the client still sends.
    deadline = time.monotonic() + REFUSE_TIMEOUT
    sock.settimeout(REFUSE_TIMEOUT)
    while time.monotonic() < deadline and sock.recv(64 * 1024) != b"":
        pass


def serve(sock, peer, header):
    """Send every message of one client back until the client closes."""
    with sock:
        try:
            while True:
                message = recv_message(sock, header)
                if message is None:
                    return
                send_message(sock, header, message)
        except FramingError as error:
            log(peer, error)
            # After a bad header nobody knows where the next message begins, so this connection has
            # to end. The other connections go on.
            try:
                refuse(sock, header, error)
            except OSError as failure:
                log(peer, failure)
        except OSError as error:  # for example a reset
            log(peer, error)


def log(peer, what):
    print(f"{peer[0]}:{peer[1]}: {what}", file=sys.stderr, flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(description="Send each framed message back.")
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    parser.add_argument(
        "--port", type=int, default=9529, help="0 takes any free port; default: %(default)s"
    )
    parser.add_argument(
        "--header",
        default="<i",
        choices=HEADER_FORMATS,
        metavar="FORMAT",
        help="the header's format, in the notation of struct; default: %(default)s",
    )
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    header = struct.Struct(arguments.header)
    try:
        # Ctrl-C and `kill` only set a flag. By default Ctrl-C raises KeyboardInterrupt at whatever
        # line runs, and Python ignores an exception raised inside one of its own callbacks.
        stopping = False

        def stop(_signal, _frame):
            nonlocal stopping
            stopping = True

        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGTERM, stop)
        with socket.create_server((arguments.host, arguments.port)) as listener:
            host, port = listener.getsockname()
            print(f"listening on {host}:{port}", flush=True)
            # accept goes on waiting after a signal. So wait half a second at a time.
            listener.settimeout(0.5)
            while not stopping:
                try:
                    sock, peer = listener.accept()
                except socket.timeout:
                    continue
                # Daemon threads do not keep the program alive when this loop ends.
                threading.Thread(target=serve, args=(sock, peer, header), daemon=True).start()
    except (OSError, OverflowError) as error:
        sys.exit(f"framed_server: {error}")


if __name__ == "__main__":
    main()
