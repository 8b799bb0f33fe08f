# is, where CPython always gives the same answer.
a = int("256"); b = int("256"); print(a is b)
# ---
a = "hello"; b = "hello"; print(a is b)
# ---
a = "x"; b = "xyz"[0]; print(a is b)
# ---
def f(): pass
print(f is f, f == f)
class A:
    def m(self): pass
a = A()
print(a.m is a.m, a.m == a.m, a is a)
# ---
print(type(1) is int, type("") is not str, type(int) is type)
