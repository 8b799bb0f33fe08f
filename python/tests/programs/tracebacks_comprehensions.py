# Tracebacks in comprehensions.
x = [y.foo
     for y in [1]]
# ---
x = [a for a, b in [(1,)]]
# ---
x = [a for a in 5]
# ---
x = [a for b in [1] for a in b]
# ---
x = {a: 1/0 for a in [1]}
# ---
x = list(a.b for a in [1])
# ---
def f(x): return 1/x
x = any(f(i) for i in [1, 0])
# ---
print(max(x for x in [1, "a"]))
# ---
x = sorted((1/i for i in [1, 0]))
# ---
",".join(str(1/i) for i in [0])
# ---
",".join([1, 2])
# ---
def g():
    yield 1
    raise ValueError("x")
x = [a for a in g()]
# ---
def g():
    yield 1
    raise ValueError("x")
x = sum(a for a in g())
