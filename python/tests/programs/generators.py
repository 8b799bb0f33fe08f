# Generators.
def g(n):
    for i in range(n):
        yield i
    return
print(list(g(3)), sum(g(4)), next(g(1)))
it = g(1)
next(it)
next(it)
# ---
it = iter([])
next(it)
# ---
def g():
    x = yield 1
    print(x)
    yield 2
print(list(g()))
