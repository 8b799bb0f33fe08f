# What stands in the body of a class.
class A:
    total = 0
    for i in range(3):
        total += i
    squares = [x * x for x in range(4)]
    if total > 2:
        flag = "big"
    def f(self): return self.flag
    g = f
    names = {k: v for k, v in zip("ab", [1, 2])}
print(A.total, A.i, A.squares, A.flag, A().g(), A.names)
# ---
y = 3
class A:
    x = 5
    l = [x for _ in range(2)]
# ---
x = "global"
def f():
    x = "local"
    class A:
        print(x)
        x = "class"
        print(x)
        def m(self): return x
    return A().m()
print(f())
