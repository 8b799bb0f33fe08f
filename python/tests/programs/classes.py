# Classes, their instances and their errors.
class A:
    x = 1
    def f(self): return self.x
print(A, A.x, A().f(), A.__name__)
print(type(A), type(A()), A.f.__name__)
# ---
class A:
    pass
a = A()
a.y
# ---
class A:
    pass
A.y
# ---
class A:
    pass
A.y = 5
print(A().y)
a = A()
a.y += 1
print(a.y, A.y)
# ---
class A:
    def __init__(self, x): self.x = x
A()
# ---
class A:
    def __init__(self, x): self.x = x
A(1, 2)
# ---
class A:
    def f(self): pass
A().f(1)
# ---
class A:
    def f(self): pass
A.f()
# ---
class A:
    def f(): pass
A().f()
# ---
class A: pass
A(1)
# ---
class A:
    @property
    def p(self): return 1
a = A()
a.p = 2
# ---
class A:
    def __init__(self): return 5
A()
# ---
class A:
    def __str__(self): return 5
print(A())
# ---
class A:
    def __len__(self): return "x"
len(A())
# ---
class A:
    def __len__(self): return -1
len(A())
# ---
print(type(1)(2), type("a") is str, type(ValueError("a")), type(type))
class A: pass
print(type(A()).__name__, type(A()) is A, A().__class__)
