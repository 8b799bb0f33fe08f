# Loops and try statements: else, finally, break, continue and return.
def f():
    try:
        return 1
    finally:
        return 2
print(f())
def g():
    for i in range(3):
        try:
            continue
        finally:
            print("f", i)
            if i == 1:
                break
    return "done"
print(g())
def h():
    try:
        raise ValueError
    finally:
        return "swallowed"
print(h())
def k():
    while True:
        try:
            1/0
        except ZeroDivisionError:
            break
        finally:
            print("fin")
    try:
        pass
    except ValueError:
        print("no")
    else:
        print("else")
    finally:
        print("fin2")
k()
def m():
    for i in range(3):
        try:
            return i
        finally:
            continue
    return "end"
print(m())
def n():
    x = 1
    try:
        return x
    finally:
        x = 2
print(n())
# ---
for i in range(3):
    if i == 5: break
else:
    print("no break")
i = 0
while i < 3:
    i += 1
    if i == 2: break
else:
    print("never")
while i < 5:
    i += 1
else:
    print("else", i)
for i in []: pass
else: print("empty")
for i in range(3):
    for j in range(3):
        if j == 1: break
    else:
        continue
    print(i, j)
