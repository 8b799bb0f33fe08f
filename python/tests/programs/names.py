# Names: global, local, of the function around, and deleted.
x = 1
def f():
    global x, y
    x = 2
    y = 3
f()
print(x, y)
del x
try:
    print(x)
except NameError as e:
    print(e, e.name)
def outer():
    n = 0
    def inc():
        nonlocal n
        n += 1
        return n
    inc(); inc()
    return n, inc
n, inc = outer()
print(n, inc(), inc())
fs = [lambda: i for i in range(3)]
print([f() for f in fs])
fs = []
for i in range(3):
    fs.append(lambda i=i: i)
print([f() for f in fs])
def d(a, b=[]):
    b.append(a)
    return b
print(d(1), d(2), d(3, []))
k = 5
def e(a=k): return a
k = 6
print(e())
# ---
def f():
    def g():
        return v
    print(g())
    v = 1
f()
# ---
def f():
    for i in range(3): pass
    return i
print(f())
[q for q in range(3)]
print(q)
# ---
try:
    1/0
except ZeroDivisionError as e:
    pass
print(e)
# ---
def f():
    global zz
    zz += 1
f()
# ---
x = 1
def f():
    x += 1
f()
