# The errors of operators, subscripts and calls.
x = [1]
del x[5]
# ---
x = {}
del x["a"]
# ---
class A: pass
a = A()
del a.x
# ---
x = (1,)
del x[0]
# ---
x = (1,)
x[0] = 1
# ---
(1).x = 3
# ---
"a".upper = 3
# ---
len.x = 3
# ---
x = {}
x.y()
# ---
{[]: 1}
# ---
{{}: 1}
# ---
print("a" in "abc", 1 in [1], "k" in {"k": 1}, b"a" in b"abc", 97 in b"abc", 3 not in (1, 2), "" in "a")
# ---
print(1 in "abc")
# ---
print("a" in b"abc")
# ---
class A: pass
a = A(); b = A()
print(a == a, a == b, a != b, a in [a], a is b)
a < b
# ---
[1] < 2
# ---
{} < {}
# ---
None < 1
