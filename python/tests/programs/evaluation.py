# What is evaluated once, and in which order.
print(1 if True else 2 if False else 3, (1 if False else 2) if True else 3)
def t(x):
    print("t", x)
    return x
print(t(1) < t(2) < t(3))
print(t(3) < t(2) < t(1))
print(t(1) == t(1) != t(2))
d = {}
def k(): print("k"); return "a"
d["a"] = 1
d[k()] += t(5)
print(d)
def f(*a, **kw): return a, kw
print(f(t(1), t(2), x=t(3), *[t(4)], **{"y": t(5)}))
l = [0, 0, 0]
l[t(0)], l[t(1)] = t(5), t(6)
print(l)
i = 0
i, l[i] = 1, 9
print(i, l)
a, b = 1, 2
a, b = b, a
print(a, b)
a, *b = [1, 2, 3]; print(a, b)
*a, b = "abc"; print(a, b)
a, *b, c = range(5); print(a, b, c)
(a, b), c = (1, 2), 3; print(a, b, c)
[a, b] = {1: 2, 3: 4}; print(a, b)
x = y = []; x.append(1); print(y)
print({**{"a": 1}, "b": 2, **{"a": 3}})
print([*range(3), *"ab"], (*[1], 2), {*[1, 1]})
print({t(1): t(2), t(3): t(4)})
print(t(0) or t(2) and t(3), not t(0))
print((n := 5) + n)
# ---
d = {"b": 1, "a": 2}; d["c"] = 3; del d["b"]; d["b"] = 4; print(d, list(d), d.items())
for k in d: print(k)
d.update(a=9); print(d, sorted(d), list(reversed(d)))
print(dict([("x", 1)], y=2), dict(zip("ab", "cd")), {1: 2} == {1.0: 2}, {True: 1, 1: 2})
# ---
d = {1: 2}
for k in d: d[k + 1] = 3
# ---
l = [1, 2, 3]
for x in l:
    l.remove(x)
print(l)
