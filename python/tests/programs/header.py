# A header of fixed length before a message, with json and struct.
import json
import struct

header = {"name": "a.txt", "size": 1024, "tags": ["x", None, True], "title": "文件"}
text = json.dumps(header)
data = text.encode("utf-8")
message = struct.pack("!I", len(data)) + data
print(len(message), message[:10])

(length,) = struct.unpack("!I", message[:4])
received = json.loads(message[4:4 + length])
print(received == header, received["title"])
print(json.dumps(header, ensure_ascii=False, indent=4, sort_keys=True))

try:
    json.loads("{'a': 1}")
except json.JSONDecodeError as error:
    print(error, error.msg, error.pos, error.lineno, error.colno, error.doc)
try:
    json.loads("[1,\n 2,\n x]")
except ValueError as error:
    print(type(error), error)

loop = []
loop.append(loop)
try:
    json.dumps(loop)
except ValueError as error:
    print(error)
struct.unpack("i", b"ab")
