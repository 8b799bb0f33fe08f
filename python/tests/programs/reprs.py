# How modules, types and values are shown.
import sys, socket, json, time, struct, threading, select, errno, os, random, datetime
print(sys.stdout)
# ---
import sys
print(sys)
# ---
import errno
print(errno)
# ---
import time
print(time)
# ---
import sys
print(type(sys.stdout), type(sys))
# ---
import sys
sys.stdout.foo
# ---
import sys
sys.stdout.writeline("x")
# ---
import sys
print(sys.__name__)
# ---
import time
time.sleeep(1)
# ---
import time
time.foo
# ---
import sys
sys.argv.append(3)
print(sys.argv[1:])
# ---
import sys
print(isinstance(sys.stdout, object))
# ---
import sys
print(sys.stdout == sys.stdout, sys.stdout is sys.stdout)
# ---
print(int, str, type(1), ValueError, socket if False else None)
# ---
import socket, struct, json, select
print(socket.error, socket.timeout, socket.gaierror, struct.error, json.JSONDecodeError, select.error, socket.socket)
# ---
print(type(len), type([].append), type(lambda: 0), type((i for i in [])))
# ---
print(type(None), type(...), type(print), type(iter([])), type({}.keys()), type(range(3)))
# ---
class A: pass
print(A)
print([A], {"a": A}, (A,))
print(ValueError, [ValueError("x")], {"e": KeyError("k")})
print(range(3), slice(1, 2), {}.keys(), {1: 2}.items(), {1: 2}.values(), None, ..., True, NotImplemented if False else "")
print(b"a", bytearray(b"b"), (1,), [], {}, set(), [None, True], 1.0, -0.0, 1e22, 10**25)
# ---
print(type(iter({})), type(iter({}.values())), type(iter({}.items())), type(reversed([])), type(iter("a")), type(iter("é")))
