"""Tells whoever watches this Python at which line each of its threads is, and what its variables are.

Python imports this module when it starts. Who watches reads the numbers and the texts where they are: nothing is sent. See
lines.rs.
"""


class Variables:
    """The variables of each thread's innermost function of the program, as far as they are short and plain."""

    # Of the text of a thread, in bytes, with the two that say how many there are.
    ROOM = 4096
    # Of a value, in characters, and of a list or its like, in values.
    LONGEST = 80
    MOST = 20
    # By their ids: to compare classes may run code of the program.
    TEXTS = {id(one) for one in (str, bytes, bytearray)}
    PLAIN = {id(one) for one in (float, bool, type(None))}
    MANY = {id(one) for one in (list, tuple, set, frozenset, dict)}

    def __init__(self, places):
        import _socket
        import builtins
        import select
        import sys
        import time
        from array import array

        self.texts = array("B", bytes(places * self.ROOM))
        self.socket = _socket.socket
        # What the variables of a function are since 3.13.
        self.proxy = type(sys._getframe().f_locals)
        self.functions = {builtins.print, builtins.input, time.sleep, select.select}

    def address(self):
        return self.texts.buffer_info()[0]

    def makes_calls(self, frame, event, called):
        """Whether what is called now may make a call that is watched."""
        if event == "call":
            return frame.f_code.co_filename.endswith("socket.py")
        of = getattr(called, "__self__", None)
        return issubclass(type(of), self.socket) or called in self.functions

    def write(self, place, frame):
        own, common = frame.f_locals, frame.f_globals
        # Other mappings are of the program, as with exec().
        is_plain = type(own) is dict or type(own) is self.proxy
        lines = self.lines(own, "l") if is_plain and own is not common else []
        text = "".join(lines + self.lines(common, "g"))
        text = text.encode("utf-8", "backslashreplace")[: self.ROOM - 2]
        at = place * self.ROOM
        data = len(text).to_bytes(2, "little") + text
        self.texts[at : at + len(data)] = type(self.texts)("B", data)

    def lines(self, variables, kind):
        lines = []
        for name, value in list(variables.items()):
            if name.startswith("__") or len(lines) == self.MOST:
                continue
            try:
                value = self.shown(value)
            except Exception:
                # Another thread changes it, or it cannot be shown.
                continue
            if value is not None:
                lines.append("%s%s\t%s\n" % (kind, name, value))
        return lines

    def shown(self, value):
        """What is shown of a value. Nothing of the program is called for it."""
        kind = type(value)
        if id(kind) in self.TEXTS:
            return repr(value[: self.LONGEST])[: self.LONGEST]
        if self.is_short(value):
            return repr(value)
        if id(kind) in self.MANY:
            ones = [*value, *value.values()] if kind is dict else value
            if len(value) > self.MOST or not all(map(self.is_short, ones)):
                return "<%s of %d>" % (kind.__name__, len(value))
            return repr(value)[: self.LONGEST]
        if issubclass(kind, self.socket):
            return "<socket.socket fd=%d>" % self.socket.fileno(value)
        return None

    def is_short(self, value):
        kind = type(value)
        if id(kind) in self.TEXTS:
            return len(value) <= self.LONGEST
        if kind is int:
            return value.bit_length() <= 256
        return id(kind) in self.PLAIN


def begin():
    import os
    import sys
    import threading
    from array import array

    if sys.version_info < (3, 8):
        # It does not say as whom the kernel knows a thread.
        return
    # By thread: its id as the kernel names it, and the line of the program at which it is.
    places = 256
    numbers = array("I", [0]) * (2 * places)
    own = threading.local()
    taken = [0]
    is_of_program = {}

    def file_of(name):
        return getattr(sys.modules.get(name), "__file__", None)

    def looks(code):
        """Whether it is in the file of the program, which multiprocessing runs under another name."""
        known = is_of_program.get(code)
        if known is None:
            known = code.co_filename in (file_of("__main__"), file_of("__mp_main__"))
            is_of_program[code] = known
        return known

    def place():
        number = taken[0] % places
        taken[0] += 1
        numbers[2 * number] = threading.get_native_id()
        own.place = 2 * number + 1
        return own.place

    def profile(frame, event, called):
        # A function of the library is called, one of C or one of Python.
        if event != "c_call" and event != "call":
            return
        makes_calls = show is not None and show.makes_calls(frame, event, called)
        while frame is not None and not looks(frame.f_code):
            frame = frame.f_back
        number = getattr(own, "place", None)
        if frame is not None:
            number = number or place()
            numbers[number] = frame.f_lineno
            if makes_calls:
                show.write(number // 2, frame)
        elif number:
            # No line of the program has led to this.
            numbers[number] = 0

    def forked():
        own.__dict__.clear()
        taken[0] = 0

    os.register_at_fork(after_in_child=forked)
    show = Variables(places) if "FRAMESCOPE_VARIABLES" in os.environ else None
    texts = show.address() if show else 0
    try:
        # There is no such descriptor, and who watches knows the call by it.
        os.write(-26227, b"%d %d %d" % (numbers.buffer_info()[0], places, texts))
    except OSError:
        pass
    threading.setprofile(profile)
    sys.setprofile(profile)


def go_on():
    """Imports the module of this name that Python would have imported."""
    import os
    import sys

    folder = os.path.dirname(__file__)
    sys.path[:] = [path for path in sys.path if path != folder]
    own = sys.modules.pop(__name__)
    try:
        import sitecustomize
    except ImportError:
        pass
    sys.modules.setdefault(__name__, own)


go_on()
begin()
