# The lines and carets of tracebacks.
a = 1
b = "x"
c = (a +
     b)
# ---
def f(a, b):
    return a
f(1,
  2,
  3)
# ---
x = [1, 2, 3]
print(x[0],
      x[5])
# ---
x = {"a": {"b": 1}}
print(x["a"]["c"])
# ---
x = {
    "a": 1,
    "b": 1/0,
}
# ---
def f(**k): pass
f(
    a=1,
    b=int("x"),
)
# ---
a = None
a.b.c = 3
# ---
a = None
a[0] = 3
# ---
a = [1]
a[1] += 3
# ---
a = 1
a += "s"
# ---
a, b = 1, 2, 3
# ---
a, b = [1]
# ---
for a, b in [(1, 2), (3,)]:
    print(a)
# ---
x = 1; y = x / 0; z = 2
# ---
if 1 / 0:
    pass
# ---
while 1 / 0:
    pass
# ---
assert 1 == 2
# ---
assert 1 == 2, "msg"
# ---
assert (1 ==
  2), "msg"
# ---
print(f"{1/0}")
# ---
s = "你好" + 1
# ---
x = 3
print("中文", x.foo, x)
# ---
del x
# ---
def f():
    print(x)
    x = 1
f()
# ---
def f():
    x = 1
    del x
    print(x)
f()
# ---
b"abc" + "x"
# ---
"abc" + b"x"
# ---
int("3.5")
# ---
"abc".foo()
# ---
x = (1 + 2) * ("a" + 1)
# ---
not_defined(1, 2)
# ---
x = -"a"
# ---
1 < "a"
# ---
1 < 2 < "a"
# ---
3 in 5
# ---
len(5)
# ---
"%d" % "x"
# ---
"{} {}".format(1)
# ---
[1,2].index(3)
# ---
def f(a,
      b):
    return (a
            / b)
print(f(1,
        0))
# ---
x = {
  "a": 1,
  "b":
     [1, 2,
      undefined],
}
# ---
x = (1 +
     2 +
     "a" +
     3)
# ---
s = "abc" \
    .foo()
# ---
if (1 and
    x):
    pass
# ---
print("a",
      "b" + 1)
# ---
"abc".replace(
    "a",
    1
)
# ---
def f():
    return 1 + \
        None
f()
# ---
class A:
    def m(self):
        return self.x
print(
    A()
    .m()
)
# ---
x = [
    1,
    2,
][5]
# ---
raise ValueError(
    "a"
    "b"
)
# ---
try:
    pass
finally:
    1/0
# ---
def deco(f): return f.x
@deco
def g():
    pass
# ---
@undefined
def g():
    pass
# ---
class B(undefined):
    pass
# ---
def f(a=undefined): pass
# ---
lambda: 0
(lambda: 1/0)()
# ---
x = (lambda a:
     a.b)(1)
# ---
if False: pass
elif 1/0: pass
# ---
n = 2
while n:
    n -= 1
    1 / n
# ---
x = ("abc"
     .upper()
     .foo())
# ---
x = ("abc"
     .replace("a",
              1))
# ---
x = ("abc"
     .replace("a", **{"b":
              1}))
# ---
x = ("abc"
     .split(sep=1))
# ---
x = (None
     .y
     .z)
# ---
def f(s):
    return (s.strip()
             .split(",")
             .pop(100))
f("a,b")
