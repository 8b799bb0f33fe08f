# Tracebacks of exceptions that came from others.
def f():
    try:
        1/0
    except ZeroDivisionError as e:
        raise ValueError("bad") from e
f()
# ---
try:
    {}["a"]
except KeyError:
    raise ValueError("bad")
# ---
try:
    {}["a"]
except KeyError:
    raise ValueError("bad") from None
# ---
try:
    try:
        {}["a"]
    except KeyError:
        1/0
except ZeroDivisionError:
    undefined
# ---
def f():
    try:
        1/0
    finally:
        {}["x"]
f()
# ---
try:
    1/0
except ZeroDivisionError as e:
    print(e.__context__, e.__cause__)
    try:
        int("a")
    except ValueError as f:
        print(repr(f.__context__), f.__cause__)
        raise
