#!/usr/bin/env python3
"""Run pairs of socket programs in real CPython and say, or record, what came of them.

    run_cpython.py DIR...                      check each DIR/expect.json against this CPython
    run_cpython.py --python 3.13=/path DIR...  check against others (may be repeated)
    run_cpython.py --record --times 5 DIR...   add the outcomes that were seen to expect.json
    run_cpython.py --wire DIR...               add what was seen on the wire in 20 runs to expect.json

Each run has a network namespace of its own (needs root, or user namespaces), so fixed ports never clash and nothing
is left in TIME_WAIT. A run is free, or one side is made slow (a pause before each of its socket calls), or both are
uneven (pauses of random length): what differs between these is what the kernel decides. The shape of expect.json is
said in README.md beside this file.
"""
import argparse
import ctypes
import fcntl
import glob
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

QUIET = 0.6          # seconds without a context switch or output: blocked
LIMIT = 30.0         # seconds for a whole run
PAUSE = 0.03         # seconds before each socket call of a slowed program
SLOW_CALLS = 40      # only its first calls are slowed
CLONE_NEWNET = 0x40000000
CLONE_NEWUSER = 0x10000000

SITE = '''
import faulthandler, json, os, signal, sys
dump = os.fdopen(int(os.environ["PAIR_DUMP"]), "w")
faulthandler.register(signal.SIGUSR1, file=dump, all_threads=True)
def hook(kind, e, trace):
    told = {"class": kind.__qualname__ if kind.__module__ == "builtins" else kind.__module__ + "." + kind.__qualname__}
    if isinstance(e, SyntaxError):
        told.update(message=e.msg, line=e.lineno, column=e.offset)
    else:
        told["message"] = str(e)
        if isinstance(e, OSError) and e.errno is not None:
            told["errno"] = e.errno
        lines = []
        while trace:
            if os.path.basename(trace.tb_frame.f_code.co_filename) == os.path.basename(sys.argv[0]):
                lines.append(trace.tb_lineno)
            trace = trace.tb_next
        told["line"] = lines[-1] if lines else None
        if len(lines) > 1:
            told["called_from"] = lines[:-1]
    print("raised " + json.dumps(told), file=dump, flush=True)
    sys.__excepthook__(kind, e, e.__traceback__)
sys.excepthook = hook
if os.environ.get("PAIR_PAUSE"):
    import random, socket, time
    left = [int(os.environ["PAIR_SLOW_CALLS"])]
    def slowed(call):
        def wrapper(*args, **kwargs):
            if left[0] > 0:
                left[0] -= 1
                pause = float(os.environ["PAIR_PAUSE"])
                time.sleep(random.uniform(0, -pause) if pause < 0 else pause)
            return call(*args, **kwargs)
        return wrapper
    for name in "accept connect connect_ex send sendall recv recv_into shutdown close".split():
        setattr(socket.socket, name, slowed(getattr(socket.socket, name)))
'''


def own_network():
    """A network namespace with nothing in it but a loopback that is up."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) and libc.unshare(CLONE_NEWUSER | CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), 'no network namespace')
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        request = struct.pack('16sh', b'lo', 0)
        flags = struct.unpack('16sh', fcntl.ioctl(s, 0x8913, request)[:18])[1]
        fcntl.ioctl(s, 0x8914, struct.pack('16sh', b'lo', flags | 1))


class Capture:
    """What crosses the loopback of this namespace: who sent SYN, FIN and RST in which order, and how many bytes."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0003))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 26)
        self.socket.setblocking(False)

    def packets(self):
        while True:
            try:
                packet, (_, protocol, kind, _, _) = self.socket.recvfrom(128)
            except BlockingIOError:
                return
            # Each packet is seen when it leaves and when it comes in.
            if kind == socket.PACKET_OUTGOING and protocol == 0x0800 and packet[9] == socket.IPPROTO_TCP:
                yield packet

    def sequences(self):
        """One text a connection, in the order of the first SYNs. A connection that is like the one before is left out."""
        connections = []
        for packet in self.packets():
            header = (packet[0] & 15) * 4
            source, target, seq, _, offset, flags = struct.unpack('!HHIIBB', packet[header:header + 14])
            length = struct.unpack('!H', packet[2:4])[0] - header - (offset >> 4) * 4
            syn, fin, rst, ack = (bool(flags & bit) for bit in (2, 1, 4, 16))
            way = (source, target)
            known = next((c for c in reversed(connections) if c['client'] in (way, way[::-1])), None)
            if syn and not ack and (known is None or known['first'].get('>') != seq):
                known = {'client': way, 'first': {'>': seq}, 'end': {}, 'told': []}
                connections.append(known)
            side = '>' if known['client'] == way else '<'
            known['first'].setdefault(side, seq)
            for name, is_set in (('SYN', syn), ('FIN', fin), ('RST', rst)):
                if is_set and f'{side}{name}' not in known['told']:
                    known['told'].append(f'{side}{name}')
            if length:
                past = (seq - known['first'][side] - 1 + length) % (1 << 32)
                known['end'][side] = max(known['end'].get(side, 0), past)
        texts = [' '.join(c['told'] + [f'{side}{c["end"].get(side, 0)}' for side in '><']) for c in connections]
        return [text for index, text in enumerate(texts) if index == 0 or texts[index - 1] != text]


def listening(port):
    for table in ('/proc/self/net/tcp', '/proc/self/net/tcp6'):
        with open(table) as f:
            for line in f.readlines()[1:]:
                fields = line.split()
                if fields[3] == '0A' and int(fields[1].split(':')[1], 16) == port:
                    return True
    return False


class Program:
    def __init__(self, folder, name, spec, python, slow, site):
        self.name, self.spec, self.python, self.slow = name, spec, python, slow
        self.path = os.path.join(folder, name + '.py')
        self.dir = tempfile.mkdtemp()
        self.out, self.err, self.dump = (os.path.join(self.dir, n) for n in ('out', 'err', 'dump'))
        dump = os.open(self.dump, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        env = {'PATH': os.environ['PATH'], 'LANG': 'C.UTF-8', 'PYTHONUTF8': '1', 'PYTHONUNBUFFERED': '1',
               'PYTHONPATH': site, 'PYTHONDONTWRITEBYTECODE': '1', 'PAIR_DUMP': str(dump)}
        if slow:
            env.update(PAIR_PAUSE=str(-PAUSE if slow == 'uneven' else PAUSE), PAIR_SLOW_CALLS=str(SLOW_CALLS))
        stdin = ''.join(line + '\n' for line in spec.get('stdin', []))
        with open(os.path.join(self.dir, 'in'), 'w+', encoding='utf-8') as i:
            i.write(stdin)
        self.process = subprocess.Popen(
            [python, name + '.py', *spec.get('argv', [])], cwd=folder, env=env, pass_fds=[dump],
            stdin=open(os.path.join(self.dir, 'in'), 'rb'), stdout=open(self.out, 'wb'), stderr=open(self.err, 'wb'),
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        os.close(dump)

    def ended(self):
        return self.process.poll() is not None

    def read(self, path):
        with open(path, 'rb') as f:
            return f.read().decode('utf-8', 'backslashreplace')

    def activity(self):
        """What changes as long as any of its threads does anything at all."""
        switches = []
        for status in glob.glob(f'/proc/{self.process.pid}/task/*/status'):
            try:
                with open(status) as f:
                    switches += re.findall(r'ctxt_switches:\s*(\d+)', f.read())
            except OSError:
                pass
        return switches, os.path.getsize(self.out), os.path.getsize(self.err)

    def frames(self, text):
        """Lines of this program in a traceback, outermost first."""
        found = re.findall(r'File "([^"]+)", line (\d+)(?:,? in (.*))?', text)
        return [(int(n), where) for f, n, where in found if os.path.basename(f) == self.name + '.py']

    def outcome(self, spins, blocked_at, before):
        out, err, code = self.read(self.out), self.read(self.err), self.process.returncode
        if spins:
            return {'ends': 'spins', 'stdout': ''.join(out.splitlines(True)[:5])}
        if blocked_at is not None:
            result = {'ends': 'blocked', 'line': blocked_at, 'stdout': before}
            if self.spec.get('interrupt'):
                result['then_interrupted'] = {'exit': code, 'stdout': out[len(before):]}
            return result
        if code == 0:
            return {'ends': 'exit', 'exit': 0, 'stdout': out}
        told = re.search(r'^raised (.*)$', self.read(self.dump), re.M)
        if not told:
            return {'ends': 'exit', 'exit': code, 'stdout': out, 'stderr': err}
        result = {'ends': 'exception', 'exit': code, 'stdout': out, **json.loads(told.group(1))}
        if not self.slow:
            text = err.replace(os.path.dirname(self.path) + '/', '')
            result['traceback'] = re.sub(r'File "[^"]*/(lib/python3\.\d+/)', r'File "\1', text)
        shown = err.rstrip('\n').split('\n')[-1]
        if shown != '{class}: {message}'.format(**result):
            result['shown'] = shown
        return result


def run_once(folder, expect, python, slow):
    """All programs of a pair, once. Called in a process with a network of its own."""
    site = tempfile.mkdtemp()
    with open(os.path.join(site, 'sitecustomize.py'), 'w') as f:
        f.write(SITE)
    programs, started = expect['programs'], {}
    waiting = list(expect['start'])
    blocked, before, spinning = {}, {}, set()
    limit = expect.get('limit', LIMIT)
    begun = time.monotonic()
    seen, since = None, time.monotonic()

    def ready(when):
        words = when.split(' ', 2)
        if words[0] == 'listening':
            return listening(int(words[1]))
        if words[1:2] == ['ended']:
            return words[0] in started and started[words[0]].ended()
        if words[1:2] == ['printed']:
            return words[0] in started and words[2] in started[words[0]].read(started[words[0]].out)
        return True

    try:
        while True:
            while waiting and ready(waiting[0].get('when', 'at once')):
                name = waiting.pop(0)['program']
                slowed = slow if slow == 'uneven' or slow and name.startswith(slow) else None
                started[name] = Program(folder, name, programs[name], python, slowed, site)
                since = time.monotonic()
            alive = [p for p in started.values() if not p.ended()]
            if not alive and not waiting:
                break
            now = {p.name: p.activity() for p in alive}
            if now != seen:
                seen, since = now, time.monotonic()
            if time.monotonic() - since > QUIET or time.monotonic() - begun > limit:
                if waiting and time.monotonic() - begun <= limit:
                    raise RuntimeError(f'{folder}: {waiting[0]} never came true')
                if time.monotonic() - since < QUIET:
                    spinning = {p.name for p in alive}
                for p in alive:
                    os.kill(p.process.pid, signal.SIGUSR1)
                time.sleep(0.15)
                for p in alive:
                    dump = p.frames(p.read(p.dump))
                    blocked[p.name] = dump[0][0] if dump and p.name not in spinning else None
                    before[p.name] = p.read(p.out)
                for p in alive:
                    os.kill(p.process.pid, signal.SIGINT if p.spec.get('interrupt') else signal.SIGKILL)
                for p in alive:
                    p.process.wait(5)
                break
            time.sleep(0.005)
        return {name: p.outcome(name in spinning, blocked.get(name), before.get(name)) for name, p in started.items()}
    finally:
        for p in started.values():
            if not p.ended():
                p.process.kill()
                p.process.wait()
            shutil.rmtree(p.dir, ignore_errors=True)
        shutil.rmtree(site, ignore_errors=True)


def run_apart(folder, expect, python, slow=None, sequences=None):
    """run_once in a forked child with its own network; ephemeral ports become {PORT}. What crossed goes to sequences."""
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(r)
            own_network()
            capture = Capture() if sequences is not None else None
            answer = run_once(os.path.abspath(folder), expect, python, slow)
            if capture:
                time.sleep(0.1)         # the last acknowledgements are delayed
                answer['crossed'] = capture.sequences()
            answer = json.dumps(answer)
        except BaseException as e:
            answer = json.dumps({'failed': f'{type(e).__name__}: {e}'})
        with os.fdopen(w, 'w') as f:
            f.write(answer)
        os._exit(0)
    os.close(w)
    with os.fdopen(r) as f:
        result = json.load(f)
    os.waitpid(pid, 0)
    if 'failed' in result:
        raise RuntimeError(result['failed'])
    if sequences is not None:
        sequences.append(result.pop('crossed'))
    fixed = {str(p) for p in expect['ports']}

    def hide(text):
        return re.sub(r"(\('127\.0\.0\.1', )(\d+)\)", lambda m: m.group(0) if m.group(2) in fixed | {'0'} else m.group(1) + '{PORT})', text)

    for outcome in result.values():
        outcome['stdout'] = hide(outcome['stdout'])
    return result


def same(a, b):
    told = lambda outcome: {k: v for k, v in outcome.items() if k not in ('cpython', 'runs', 'traceback', 'tracebacks')}
    return told(a) == told(b)


def record_wire(folder, path, expect, python):
    """Adds what was seen on the wire in 20 runs to expect.json."""
    seen = []
    for mode in [None] * 8 + ['server', 'client'] * 4 + ['uneven'] * 4:
        run_apart(folder, expect, python, mode, seen)
    expect['crossed'] = sorted(expect.get('crossed', []) + [one for one in seen], key=str)
    expect['crossed'] = [one for index, one in enumerate(expect['crossed']) if one not in expect['crossed'][:index]]
    with open(path, 'w', encoding='utf-8') as f:
        json.dump(expect, f, ensure_ascii=False, indent=1)
        f.write('\n')
    print(os.path.basename(folder.rstrip('/')), len(expect['crossed']), 'sequences', flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('dirs', nargs='+')
    parser.add_argument('--python', action='append', default=[], metavar='VERSION=PATH')
    parser.add_argument('--record', action='store_true')
    parser.add_argument('--fresh', action='store_true', help='forget the outcomes recorded before (a program was changed)')
    parser.add_argument('--wire', action='store_true', help='record what crosses, in 20 runs')
    parser.add_argument('--times', type=int, default=1, help='free and uneven runs per CPython; the slowed ones are made once each')
    args = parser.parse_args()
    pythons = dict(p.split('=', 1) for p in args.python) or {'%d.%d' % sys.version_info[:2]: sys.executable}
    wrong = 0
    for folder in args.dirs:
        path = os.path.join(folder, 'expect.json')
        with open(path, encoding='utf-8') as f:
            expect = json.load(f)
        if args.wire:
            record_wire(folder, path, expect, next(iter(pythons.values())))
            continue
        if args.fresh:
            for program in expect['programs'].values():
                program.pop('outcomes', None)
        least = tuple(map(int, expect.get('python', '3.8').split('.')))
        seen = {name: program.get('outcomes', []) if args.record else [] for name, program in expect['programs'].items()}
        for version, python in pythons.items():
            if tuple(map(int, version.split('.'))) < least:
                continue
            for mode in ['free'] * args.times + ['slow server', 'slow client'] + ['uneven'] * args.times:
                result = run_apart(folder, expect, python, {'slow server': 'server', 'slow client': 'client', 'uneven': mode}.get(mode))
                for name, outcome in result.items():
                    for known in seen[name]:
                        if same(known, outcome):
                            break
                    else:
                        known = dict(outcome, cpython=[], runs={})
                        known.pop('traceback', None)
                        seen[name].append(known)
                    if version not in known['cpython']:
                        known['cpython'].append(version)
                    known['runs'][mode] = known['runs'].get(mode, 0) + 1
                    if 'traceback' in outcome:
                        texts = known.setdefault('tracebacks', [])
                        if not any(outcome['traceback'] == t['text'] for t in texts):
                            texts.append({'cpython': [], 'text': outcome['traceback']})
                        for t in texts:
                            if outcome['traceback'] == t['text'] and version not in t['cpython']:
                                t['cpython'].append(version)
        bad = []
        for name, outcomes in seen.items():
            program = expect['programs'][name]
            if args.record:
                for outcome in outcomes:
                    for key in ('tracebacks', 'cpython', 'runs'):      # last, and in this order
                        if key in outcome:
                            outcome[key] = outcome.pop(key)
                program['outcomes'] = outcomes
            for outcome in outcomes:
                if not any(same(outcome, o) for o in program.get('outcomes', [])):
                    bad.append((name, outcome))
        if args.record:
            with open(path, 'w', encoding='utf-8') as f:
                json.dump(expect, f, ensure_ascii=False, indent=1)
                f.write('\n')
        spread = ', '.join(f'{n} {len(o)}' for n, o in seen.items() if len(o) > 1)
        print(os.path.basename(folder.rstrip('/')), 'recorded' if args.record else 'differs' if bad else 'as expected', f'({spread} outcomes)' if spread else '', flush=True)
        for name, outcome in bad:
            wrong += 1
            print('  ', name, json.dumps(outcome, ensure_ascii=False))
    sys.exit(bool(wrong))


if __name__ == '__main__':
    main()
