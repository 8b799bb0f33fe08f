# The errors of built-in functions and methods.
int()
print(int("  12 "), int(3.9), int(-3.9), int("1_000"), int(True), int("z", 36))
int("")
# ---
int(None)
# ---
int("12a")
# ---
float("abc")
# ---
int([1])
# ---
ord("ab")
# ---
len()
# ---
range(1.5)
# ---
"a" * "b"
# ---
[1] + (2,)
# ---
"a" + 1
# ---
1 + "a"
# ---
1 + None
# ---
{} + {}
# ---
"abc" - "a"
# ---
x = 5
x.append(1)
# ---
"a b".split(1)
# ---
bytes("a")
# ---
bytes(-1)
# ---
bytes([256])
# ---
b"ab".hex().foo
# ---
"中".encode("ascii")
# ---
"a".encode("nope")
# ---
b"abc".split(",")
# ---
str(b"ab")
print(str(b"ab"), bytes("ab", "utf-8"))
# ---
sum(["a"])
# ---
max([])
# ---
min(5)
# ---
sorted(5)
# ---
list(5)
# ---
dict([1])
# ---
dict(5)
# ---
tuple(1)
# ---
set([[]])
# ---
enumerate(5)
# ---
zip(1)
# ---
map(5)
# ---
list(map(5, [1]))
# ---
list(filter(5, [1]))
# ---
round("a")
# ---
abs("a")
# ---
hex("a")
# ---
isinstance(1, "a")
# ---
getattr(1)
# ---
getattr(1, "x")
# ---
print(1, foo=2)
# ---
print(1, sep=5)
# ---
input(1, 2)
# ---
[].pop()
# ---
[1].remove(2)
# ---
[].index(1)
# ---
[1].insert("a", 1)
# ---
{}.pop("a")
# ---
{}.popitem()
# ---
set().remove(1)
# ---
"a".index("b")
# ---
"abc".find(1)
# ---
"a".join(5)
# ---
"a".center("b")
# ---
"a".startswith(1)
# ---
"abc".split("")
# ---
"a".replace("a")
# ---
"{:d}".format("a")
# ---
[3, 1].sort(5)
# ---
[3, "a"].sort()
# ---
(1).to_bytes(0, "big")
# ---
(256).to_bytes(1, "big")
# ---
(-1).to_bytes(1, "big")
# ---
int.from_bytes("a", "big")
# ---
1 << -1
# ---
2 ** "a"
# ---
1 // 0
# ---
1 % 0
# ---
1.0 / 0
# ---
0 ** -1
# ---
10 ** 400 * 1.0
# ---
divmod(1, 0)
# ---
float(10 ** 400)
