# Decorators.
def twice(f):
    def inner(*args, **kw):
        f(*args, **kw)
        return f(*args, **kw)
    return inner
@twice
def hello(name, end="!"):
    print("hello", name + end)
    return name
print(hello("a"), hello.__name__)
hello("b", end="?")
# ---
def tag(t):
    def deco(f):
        return lambda *a: "<%s>%s</%s>" % (t, f(*a), t)
    return deco
@tag("b")
@tag("i")
def f(x): return x
print(f("x"))
