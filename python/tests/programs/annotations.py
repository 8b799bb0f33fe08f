# Annotations are looked up where Python does, and that is all.
x: int = 3
y: "str" = "a"
def f(a: int, b: str = "x") -> None: return a
print(f(1), x, y)
# ---
def f(a: Foo): return a
print(f(1))
# ---
x: Foo = 3
# ---
def f() -> Foo: pass
# ---
def f():
    x: Foo = 3
    return x
print(f())
# ---
x: list[int] = []
def g(a: list[str] | None, b: dict[str, int]) -> tuple[int, ...]: return 1
print(g(1, 2))
# ---
x: int
print(x)
# ---
class A:
    x: int
    y: int = 5
print(A.y)
A.x
# ---
def f(s: socket.socket): pass
