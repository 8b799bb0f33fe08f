# bytes and bytearray.
buffer = bytearray()
for part in (b"hel", b"lo wor", bytearray(b"ld\n")):
    buffer += part
print(buffer, len(buffer), buffer[0], buffer[-3:])
while b"o" in buffer:
    before, _, after = buffer.partition(b"o")
    print(before, after)
    buffer = after
buffer.append(65)
buffer.extend([66, 67])
buffer.insert(0, 255)
print(buffer, buffer.pop(), buffer.hex(" "), bytes.fromhex("00 ff"), buffer.find(b"A"))
print(b"a,b".split(b","), b"%d-%s" % (5, b"x"), b"".join([b"a", b"b"]), b" x ".strip())
print((1024).to_bytes(4, "big"), int.from_bytes(b"\x00\x10", "little"))
print("abc".encode() + b"\x00", list(b"abc"), bytes(3), bytes([1, 2]))
try:
    b"a" + "b"
except TypeError as e:
    print(e)
b"\xff\xfe".decode()
