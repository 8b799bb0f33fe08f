# Threads, and their exceptions.
import threading
def f():
    1/0
t = threading.Thread(target=f)
t.start()
t.join()
print("main goes on")
# ---
import threading
def f(x):
    print(threading.current_thread().name, x)
ts = [threading.Thread(target=f, args=(i,)) for i in range(3)]
for t in ts:
    t.start()
    t.join()
print(threading.current_thread().name, threading.active_count())
# ---
import threading
class T(threading.Thread):
    def __init__(self, n):
        threading.Thread.__init__(self)
        self.n = n
    def run(self):
        print(self.name, self.n)
        raise ValueError(self.n)
t = T(3)
t.start()
t.join()
print(t.is_alive(), t.daemon)
# ---
import threading
class T(threading.Thread):
    def __init__(self, n):
        super().__init__()
        self.n = n
    def run(self):
        print(self.name, self.n)
t = T(3)
t.start()
t.join()
t.start()
# ---
import threading
threading.Thread().join()
# ---
import threading, sys
def f():
    sys.exit(3)
t = threading.Thread(target=f)
t.start(); t.join()
print("x")
# ---
import threading
threading.Thread(target=5).start()
# ---
import threading
t = threading.Thread(target=lambda: 1)
print(t.name)
t.start()
# ---
import threading
def f(a): pass
t = threading.Thread(target=f, args=(1, 2))
t.start()
# ---
import threading
def f(a): pass
t = threading.Thread(target=f, args=(1))
t.start()
# ---
import threading
def f(a): pass
t = threading.Thread(f, 1)
# ---
import threading
def f(a): print("ran")
t = threading.Thread(target=f(1))
t.start()
t.join()
# ---
import threading
l = threading.Lock()
l.acquire()
print(l.locked())
l.release()
l.release()
# ---
import threading
r = threading.RLock()
with r:
    with r:
        print("in")
r.release()
