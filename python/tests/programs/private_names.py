# __x in a class C is _C__x.
class A:
    def __init__(self):
        self.__secret = 1
    def get(self):
        return self.__secret
    def __helper(self): return 5
    def use(self): return self.__helper()
a = A()
print(a.get(), a.use(), a._A__secret)
a.__secret
# ---
class A:
    __count = 0
    def __init__(self):
        A.__count += 1
    @staticmethod
    def n(): return A.__count
class B(A):
    def __init__(self):
        super().__init__()
        self.__x = 2
A(); B()
print(A.n(), B()._B__x, A._A__count)
print(hasattr(A(), "__count"), hasattr(A, "_A__count"))
# ---
class A:
    def f(self): return __undefined
A().f()
# ---
class _B:
    __x = 1
    def f(self): return self.__x, _B.__x
print(_B().f(), _B._B__x)
# ---
class A:
    class __In:
        def __g(self): return 1
        def h(self): return self.__g()
    def f(self): return A.__In().h()
print(A().f())
# ---
def f():
    class A:
        def __init__(self): self.__v = [lambda: self.__w]
        __w = 3
        def g(self): return self.__v[0]()
    return A().g()
print(f())
# ---
class A:
    def f(self):
        __loc = 5
        def g(): return __loc
        return g()
    def g(self, __p): return __p
print(A().f(), A().g(3))
# ---
class A:
    global __gg
    def f(self):
        global __g
        __g = 3
A().f()
print(_A__g)
