# with, and what __exit__ gets.
class C:
    def __init__(self, n): self.n = n
    def __enter__(self):
        print("enter", self.n)
        return self.n
    def __exit__(self, t, v, tb):
        print("exit", self.n, t, v, tb is None)
        return self.n == 2
with C(1) as a, C(2) as b:
    print(a, b)
with C(1) as a, C(2) as b:
    raise ValueError("x")
print("after")
with C(2), C(1) as b:
    raise ValueError("x")
print("after")
with (C(1) as a, C(3) as b):
    print(a, b)
def f():
    with C(1):
        return 5
print(f())
for i in range(2):
    with C(i):
        if i == 0: continue
        break
with C(1):
    1/0
# ---
class C:
    def __enter__(self):
        return self
    def __exit__(self, *args):
        print(len(args), args[0].__name__, args[1])
        raise KeyError("in exit")
with C():
    raise ValueError("x")
# ---
class C: pass
with C(): pass
# ---
with 5: pass
# ---
class C:
    def __enter__(self): return self
with C(): pass
