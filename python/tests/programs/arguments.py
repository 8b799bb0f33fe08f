# Arguments that a function does not take.
def f(a): pass
f(*5)
# ---
def f(a): pass
f(1, *5)
# ---
def f(a): pass
f(**5)
# ---
def f(a): pass
f(a=1, **{"a": 2})
# ---
print(*5)
# ---
def f(a): pass
f(**{1: 2})
# ---
def f(a): pass
f(1, a=2)
# ---
def f(a): pass
f(b=2)
# ---
def f(a, b, c): pass
f()
# ---
def f(a, *, k): pass
f(1)
