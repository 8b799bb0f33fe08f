"""Compiles texts as CPython compiles the file of a program, and tells the errors.

Reads a list of texts, writes a list of `null` or `[class, message, line, column, traceback]`.
"""

import ctypes
import io
import json
import os
import sys
import tempfile


class Compiled(BaseException):
    """Raised when a program would start."""


compiling = False


def before_exec(event, _):
    global compiling
    if compiling and event == "exec":
        compiling = False
        raise Compiled


def judge(text):
    global compiling
    with open("x.py", "wb") as file:
        file.write(text.encode())
    stream = fopen(b"x.py", b"rb")
    names = {"__name__": "__main__"}
    compiling = True
    try:
        # As `python3 x.py` does: `compile` reads a text in another way than a file.
        run_file(stream, b"x.py", 257, names, names, 1, None)
    except Compiled:
        return None
    except SyntaxError as error:
        sys.stderr = io.StringIO()
        sys.__excepthook__(type(error), error.with_traceback(None), None)
        shown, sys.stderr = sys.stderr.getvalue(), sys.__stderr__
        return [type(error).__name__, error.msg, error.lineno, error.offset, shown]
    finally:
        compiling = False


if sys.version_info[:2] != (3, 11):
    sys.exit("python3 is %d.%d, and these tests need 3.11" % sys.version_info[:2])
fopen = ctypes.CDLL(None).fopen
fopen.restype, fopen.argtypes = ctypes.c_void_p, [ctypes.c_char_p, ctypes.c_char_p]
run_file = ctypes.pythonapi.PyRun_FileExFlags
run_file.restype = ctypes.py_object
run_file.argtypes = [
    ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.py_object, ctypes.py_object, ctypes.c_int, ctypes.c_void_p,
]
sys.addaudithook(before_exec)
texts = json.load(sys.stdin)
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    answers = [judge(text) for text in texts]
    os.chdir("/")
json.dump(answers, sys.stdout)
