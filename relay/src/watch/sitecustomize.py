"""Tells whoever watches this Python at which line each of its threads is.

Python imports this module when it starts. Who watches reads the numbers where they are: nothing is sent. See lines.rs.
"""


def begin():
    import os
    import sys
    import threading
    from array import array

    # By thread: its id as the kernel names it, and the line of the program at which it is.
    places = 256
    numbers = array("I", [0]) * (2 * places)
    library = os.path.dirname(os.__file__)
    own = threading.local()
    taken = [0]
    is_of_library = {}

    def place():
        number = taken[0] % places
        taken[0] += 1
        numbers[2 * number] = threading.get_native_id()
        own.place = 2 * number + 1
        return own.place

    def profile(frame, event, _):
        # A function of the library is called, one of C or one of Python.
        if event != "c_call" and event != "call":
            return
        while frame is not None:
            code = frame.f_code
            known = is_of_library.get(code)
            if known is None:
                name = code.co_filename
                known = name.startswith((library, "<frozen", __file__))
                is_of_library[code] = known
            if not known:
                numbers[getattr(own, "place", None) or place()] = frame.f_lineno
                return
            frame = frame.f_back

    def forked():
        own.__dict__.clear()
        taken[0] = 0

    os.register_at_fork(after_in_child=forked)
    try:
        # There is no such descriptor, and who watches knows the call by it.
        os.write(-26227, b"%d %d" % (numbers.buffer_info()[0], places))
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
