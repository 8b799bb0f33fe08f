# Methods of text, as courses use them.
line = "  GET /index.html HTTP/1.1\r\n"
method, path, version = line.split()
print(method, path, version, sep="|")
print(line.strip().lower().split("/", 1))
header = "Content-Length: 42"
name, _, value = header.partition(": ")
print(name.upper(), int(value) + 1)
print("-".join(str(n) for n in range(5)))
print("{:>10}|{:<6}|{:^8}".format("a", 1.5, True))
print("{0[1]} {name!r} {0}".format([1, 2], name="你好"))


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __str__(self):
        return f"({self.x}, {self.y})"


p = Point(1, 2)
print("{} {0.x}".replace("{} ", "") .format(p), "{}".format(p), f"{p}", "%s" % p)
print("{p.x:>4} {p.y:04}".format(p=p))
try:
    "{p.z}".format(p=p)
except AttributeError as e:
    print(e)
print("你好".encode(), "你好".encode("gbk"), b"\xe4\xbd\xa0".decode())
for word in "a,b,,c".split(","):
    print(repr(word), end=" ")
print()
print("x".center(9, "*"), "42".zfill(6), "a\tb".expandtabs(4))
"abc".index("z")
