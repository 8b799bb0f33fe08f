# Exceptions that are handled, raised again, and raised meanwhile.
try:
    1/0
except undefined:
    pass
# ---
try:
    1/0
except 5:
    pass
# ---
try:
    int("x")
except (ValueError, TypeError) as e:
    print(type(e).__name__, e)
# ---
def f():
    try:
        return 1/0
    except ZeroDivisionError:
        print("z")
        raise
f()
# ---
def f():
    try:
        1/0
    except ZeroDivisionError as e:
        err = e
    raise err
f()
# ---
class MyError(Exception):
    """Doc"""
def f():
    raise MyError("a", 2)
try:
    f()
except MyError as e:
    print(e, e.args)
    raise RuntimeError("outer") from e
# ---
try:
    raise ValueError("a")
except ValueError as e:
    try:
        raise KeyError("b")
    except KeyError as k:
        raise TypeError("c")
# ---
try:
    try:
        raise ValueError("a")
    finally:
        print("cleanup")
except ValueError as e:
    print("got", e)
# ---
def f():
    try:
        g()
    except ValueError:
        print("handled")
        h()
def g(): raise ValueError("g")
def h(): raise KeyError("h")
f()
