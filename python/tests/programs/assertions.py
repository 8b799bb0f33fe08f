# What an assert points to.
def f(x):
    assert x > 0, "x must be positive: %d" % x
    return x
f(1)
f(-1)
# ---
assert False
# ---
assert []
# ---
assert (1, "x") if False else None, {"a": 1}
# ---
x = 0
assert x
# ---
x = 0
assert not x == 0, "a"
# ---
x = 0
assert x == 0 and x > 1
# ---
x = 0
assert x > 1 or x
# ---
x = 0
assert isinstance(x, str), "no str"
# ---
x = 0
assert 1 < x < 3
