# Did you mean.
class A:
    def __init__(self): self.count = 1
    def increment(self): pass
A().coutn
# ---
class A:
    def increment(self): pass
A().incremnt()
# ---
"abc".uper()
# ---
[].apend(1)
# ---
import socket
socket.sokcet()
# ---
import socket
s = socket.scoket
# ---
prnt("x")
# ---
x = flot("1")
# ---
raise ValueErorr
# ---
counter = 1
def f():
    total = 1
    print(totl)
f()
# ---
counter = 1
def f():
    print(conter)
f()
# ---
for i in rnage(3): pass
# ---
x = ture
# ---
self.x = 1
# ---
time.sleep(1)
# ---
e = ValueError("x")
e.arg
# ---
e = OSError(1, "x")
e.errnum
# ---
class A:
    value = 1
A.vlaue
# ---
(1).foo
# ---
(1,).appendd
# ---
{}.kyes
# ---
None.foo
# ---
def f(): pass
f.foo
# ---
b"a".encode("utf-8")
# ---
"a".decode("utf-8")
# ---
x = (1, 2)
x.send(b"a")
# ---
import threading
t = threading.Thread(target=print)
t.strat()
