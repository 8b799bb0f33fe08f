# Exceptions as text: with no, one and two arguments, and with their own methods.
class E(Exception): pass
for e in [E(), E("a"), E("a", 1)]:
    print(repr(e), "|", str(e), "|", e.args)
raise E("a", 1)
# ---
class E(Exception):
    def __str__(self): return "custom"
raise E("x")
# ---
class E(Exception):
    def __init__(self, code): self.code = code
e = E(3)
print(e, repr(e), e.args, e.code)
raise e
# ---
class E(Exception):
    def __init__(self, code):
        super().__init__("code %d" % code)
        self.code = code
e = E(3)
print(e, repr(e), e.args, e.code)
raise e
# ---
class E(Exception): pass
raise E
# ---
raise ValueError
# ---
raise ValueError()
# ---
raise KeyError("a")
# ---
raise OSError(2, "x")
# ---
raise "abc"
# ---
raise 3
# ---
raise
# ---
raise ValueError("line1\nline2")
# ---
raise ValueError("")
# ---
raise ValueError(None)
# ---
class E(Exception):
    def __init__(self): super().__init__("default")
raise E
# ---
class E(Exception): pass
raise E("a") from ValueError("b")
