# Tracebacks through generators, functions in functions and recursion.
def g():
    yield 1
    1/0
for x in g():
    print(x)
# ---
print([1/x for x in [1, 0]])
# ---
print({1/x for x in [1, 0]})
# ---
print({x: 1/x for x in [1, 0]})
# ---
print(sum(1/x for x in [1, 0]))
# ---
def f():
    def g():
        class A:
            def m(self):
                raise ValueError("x")
        A().m()
    g()
f()
# ---
f = lambda x: x.foo
f(1)
# ---
list(map(lambda x: 1/x, [1, 0]))
# ---
sorted([1, "a"])
# ---
sorted([1, 2], key=lambda x: x.foo)
# ---
def f(n):
    return f(n + 1)
f(0)
# ---
def f(n):
    if n == 0:
        raise ValueError("end")
    f(n - 1)
f(10)
# ---
def f(n):
    if n == 0:
        raise ValueError("end")
    f(n - 1)
f(3)
# ---
def f(n):
    if n == 0:
        raise ValueError("end")
    f(n - 1)
f(4)
# ---
def f(n):
    if n == 0:
        raise ValueError("end")
    g(n - 1)
def g(n):
    f(n)
f(4)
# ---
def f(): f()
try:
    f()
except RecursionError as e:
    print(e)
# ---
def f():
    for i in range(2):
        with_nothing = i
        if i: return [
            i, 1/0]
f()
