# Literals, and what built-in functions make of them.
print(getattr(1, "foo", "d"), hasattr("a", "upper"), getattr("abc", "upper")())
# ---
x = [1, 2, 3, 4, 5]
print(x[1:3], x[::-1], x[-1], x[:2], x[::2], x[5:], "hello"[1:4], b"abc"[0], b"abc"[0:1])
x[1:3] = [9]; print(x); del x[0]; print(x); x[:] = []; print(x)
# ---
print(1 == 1.0, "a" < "b", [1, 2] < [1, 3], (1,) + (2,), [1] * 3, "ab" * 2, not 1, None or "x", 0 and 1)
# ---
if x := 5: print(x)
print([y := 1, y + 1], y)
# ---
print("a\tb\\n", 'it''s', "q\"q", repr("\n"), repr("é中\x00\x7f"), str("a"), "%r" % "a\nb")
