//! What programs wait for that no call says, and what goes on when a program has ended.

use super::{Folder, TRIES_AGAIN, calls, printed};

/// Each waits for a time that is no part of the call, and then ends by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_no_call_says_is_waited_for() {
    for (name, text, said) in [
        (
            "limit",
            "import socket, struct
listener = socket.create_server(('127.0.0.1', 9527))
listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack('ll', 1, 0))
try:
    listener.accept()
except BlockingIOError:
    print('timeout')
",
            "timeout\n",
        ),
        (
            "alarm",
            "import signal, socket
def late(*_): raise TimeoutError
signal.signal(signal.SIGALRM, late)
signal.alarm(1)
try:
    socket.create_server(('127.0.0.1', 9527)).accept()
except TimeoutError:
    print('alarm')
",
            "alarm\n",
        ),
        (
            "itimer",
            "import os, signal
signal.signal(signal.SIGALRM, lambda *_: print('now'))
signal.setitimer(signal.ITIMER_REAL, 0.9)
signal.pause()
",
            "now\n",
        ),
        (
            "timerfd",
            "import ctypes, os
libc = ctypes.CDLL(None)
timer = libc.timerfd_create(1, 0)
libc.timerfd_settime(timer, 0, (ctypes.c_long * 4)(0, 0, 1, 0), None)
os.read(timer, 8)
print('over')
",
            "over\n",
        ),
    ] {
        let file = format!("{name}.py");
        let folder = Folder::new(name, &[(&file, text)]);
        let (events, finished) = folder.events(&[&file]).await;
        assert_eq!((finished.code, &*printed(&events, 0)), (Some(0), said), "{name}");
    }
}

/// What its first process has started goes on, and is ended when nothing happens any more.
#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_is_ended_when_nothing_happens_any_more() {
    let daemon = "\
import os, socket
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
server = socket.create_server(('127.0.0.1', 9527))
while True:
    conn, _ = server.accept()
    conn.sendall(b'hello')
    conn.close()
";
    let folder = Folder::new("daemon", &[("daemon.py", daemon), ("client.py", TRIES_AGAIN)]);
    let (events, finished) = folder.events(&["daemon.py", "client.py"]).await;
    assert_eq!((finished.code, &*printed(&events, 1)), (Some(0), "b'hello'\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_on_a_closed_descriptor_hides_no_later_socket() {
    let text = "\
import os, socket
server = socket.create_server(('127.0.0.1', 9527))
number = os.dup(server.fileno())
os.close(number)
try:
    os.write(number, b'x')
except OSError:
    pass
client = socket.create_connection(('127.0.0.1', 9527))
assert client.fileno() == number
conn, _ = server.accept()
client.sendall(b'hello')
print(conn.recv(10))
";
    let folder = Folder::new("closed", &[("closed.py", text)]);
    let (events, finished) = folder.events(&["closed.py"]).await;
    assert_eq!((finished.code, &*printed(&events, 0)), (Some(0), "b'hello'\n"));
    let calls = calls(&events, 0);
    for call in ["connect(4", "send(4, b'hello')"] {
        assert!(calls.iter().any(|one| one.starts_with(call)), "{call}: {calls:?}");
    }
}
