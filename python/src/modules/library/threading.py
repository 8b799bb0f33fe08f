import _thread

_active = {}
_count = 0


class Thread:
    def __init__(self, group=None, target=None, name=None, args=(), kwargs=None, *, daemon=None):
        global _count
        assert group is None, 'group argument must be None for now'
        self._target = target
        self._args = args
        self._kwargs = {} if kwargs is None else kwargs
        if name is None:
            _count += 1
            name = 'Thread-%d' % _count
            target_name = getattr(target, '__name__', None)
            if target_name is not None:
                name = '%s (%s)' % (name, target_name)
        self.name = str(name)
        self.daemon = current_thread().daemon if daemon is None else daemon
        self.ident = None
        self._ended = False

    def start(self):
        if self.ident is not None:
            raise RuntimeError('threads can only be started once')
        self.ident = -1
        self.ident = _thread.start(self._bootstrap)

    def _bootstrap(self):
        number = _thread.current()
        _active[number] = self
        try:
            self.run()
        finally:
            self._ended = True
            del _active[number]

    def run(self):
        if self._target is not None:
            self._target(*self._args, **self._kwargs)

    def join(self, timeout=None):
        if self.ident is None:
            raise RuntimeError('cannot join thread before it is started')
        if self.ident == _thread.current():
            raise RuntimeError('cannot join current thread')
        _thread.wait_for(self.ident, timeout)

    def is_alive(self):
        return self.ident is not None and not self._ended

    @property
    def native_id(self):
        return self.ident

    def getName(self):
        return self.name

    def setName(self, name):
        self.name = str(name)

    def isDaemon(self):
        return self.daemon

    def setDaemon(self, daemonic):
        self.daemon = daemonic

    def __repr__(self):
        status = 'initial'
        if self.ident is not None:
            status = 'stopped' if self._ended else 'started'
        if self.daemon:
            status += ' daemon'
        if self.ident is not None:
            status += ' %s' % self.ident
        return '<%s(%s, %s)>' % (self.__class__.__name__, self.name, status)


class _MainThread(Thread):
    def __init__(self):
        self.name = 'MainThread'
        self.daemon = False
        self.ident = 0
        self._ended = False


_main = _MainThread()
_active[0] = _main


def current_thread():
    return _active.get(_thread.current(), _main)


def main_thread():
    return _main


def active_count():
    return len(_active)


def enumerate():
    return list(_active.values())


def activeCount():
    return active_count()


def currentThread():
    return current_thread()


def get_ident():
    return _thread.current()


Lock = _thread.allocate_lock


class RLock:
    def __init__(self):
        self._lock = _thread.allocate_lock()
        self._owner = None
        self._depth = 0

    def acquire(self, blocking=True, timeout=-1):
        me = _thread.current()
        if self._owner == me:
            self._depth += 1
            return True
        taken = self._lock.acquire(blocking, timeout)
        if taken:
            self._owner = me
            self._depth = 1
        return taken

    def release(self):
        if self._owner != _thread.current():
            raise RuntimeError('cannot release un-acquired lock')
        self._depth -= 1
        if self._depth == 0:
            self._owner = None
            self._lock.release()

    def __enter__(self):
        return self.acquire()

    def __exit__(self, kind, value, trace):
        self.release()


class Event:
    def __init__(self):
        self._flag = _thread.allocate_lock()

    def is_set(self):
        return self._flag.locked()

    isSet = is_set

    def set(self):
        self._flag.acquire(False)

    def clear(self):
        if self._flag.locked():
            self._flag.release()

    def wait(self, timeout=None):
        if self._flag.locked():
            return True
        return _thread.wait_for(self._flag, timeout)
