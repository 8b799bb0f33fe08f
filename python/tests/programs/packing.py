# struct and its errors.
import struct
print(struct.pack("!I", 5), struct.unpack("<hh", b"\1\0\2\0"), struct.calcsize("!IHb"), struct.pack(">5sB", b"abc", 7))
struct.unpack("!I", b"abc")
# ---
import struct
struct.pack("!I", -1)
# ---
import struct
struct.pack("!I", "a")
# ---
import struct
struct.pack("!II", 1)
# ---
import struct
struct.pack("z", 1)
