# How a program exits, and with which status.
import sys
sys.exit()
# ---
import sys
sys.exit(2)
# ---
import sys
sys.exit("message")
# ---
import sys
sys.exit(None)
# ---
import sys
sys.exit(-1)
# ---
import sys
sys.exit(256)
# ---
import sys
sys.exit((1, 2))
# ---
import sys
sys.exit(True)
# ---
import sys
sys.exit(1.5)
# ---
exit()
# ---
exit(4)
# ---
raise SystemExit
# ---
raise SystemExit("bye")
# ---
import sys
try:
    sys.exit(1)
finally:
    print("fin")
# ---
import sys
try:
    sys.exit(1)
except:
    print("caught")
# ---
import sys
try:
    sys.exit(5)
except Exception:
    print("caught")
