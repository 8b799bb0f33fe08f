# sys, os and errno.
import errno
import os
import sys

print(sys.byteorder, sys.maxsize, sys.platform, len(sys.argv), os.name, repr(os.linesep), os.sep)
print(errno.ECONNREFUSED, errno.errorcode[errno.EADDRINUSE], errno.EAGAIN == errno.EWOULDBLOCK)
print(sys.stdout.write("written\n"), os.getpid() > 0)
sys.stderr.write("not shown\n")
print("to stderr", file=sys.stderr)
sys.stdout.flush()
try:
    sys.exit("bye")
except SystemExit as e:
    print("caught", e, e.code)
sys.exit(3)
