"""Joins stdin and stdout to a WebSocket, by Python's `websockets` in version 10 or later.

What can be read is sent, what is received is written: with `framescope.reads.v1`, the bytes of each read. When stdin ends, so does the connection. At the end,
one line on stderr says how it ended: the subprotocol, the close code and the reason.
"""

import argparse
import asyncio
import struct
import sys

import websockets


async def stdin():
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


async def send(connection, fragments):
    reader = await stdin()
    try:
        while data := await reader.read(1 << 20):
            if fragments == 1:
                await connection.send(data)
            else:
                # An iterable of bytes is one message, each of them a frame.
                cuts = [len(data) * number // fragments for number in range(fragments + 1)]
                await connection.send([data[start:end] for start, end in zip(cuts, cuts[1:])])
        await connection.close()
    except websockets.ConnectionClosed:
        # How it ended is told by whoever receives.
        pass


def reads(message):
    """The reads in a message of `framescope.reads.v1`, without their times."""
    while message:
        at, length = struct.unpack("!QI", message[:12])
        data, message = message[12 : 12 + length], message[12 + length :]
        yield data


async def receive(connection):
    try:
        async for message in connection:
            is_timed = connection.subprotocol == "framescope.reads.v1"
            sys.stdout.buffer.write(b"".join(reads(message)) if is_timed else message)
            sys.stdout.buffer.flush()
    except websockets.ConnectionClosed:
        # A close that is no good one, such as 1003; the last line says which.
        pass


async def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("url")
    arguments.add_argument("--subprotocol", help="the one to offer")
    arguments.add_argument("--fragments", type=int, default=1, help="the frames of each message")
    arguments.add_argument("--text", help="a text message to send before all else")
    arguments = arguments.parse_args()
    offered = arguments.subprotocol and [arguments.subprotocol]
    async with websockets.connect(arguments.url, subprotocols=offered) as connection:
        if arguments.text is not None:
            await connection.send(arguments.text)
        sending = asyncio.create_task(send(connection, arguments.fragments))
        await receive(connection)
        sending.cancel()
        subprotocol, code, reason = connection.subprotocol, connection.close_code, connection.close_reason
        print(f"{subprotocol}, closed {code} {reason}", file=sys.stderr)


asyncio.run(main())
