//! The terminal of a program that is watched: lines that are typed, Ctrl+C, and what is left when the program ends.

use framescope_lab::{Command as LabCommand, Event, EventKind, RunEnd};

use super::steps::{watched, watching};
use super::{Folder, TRIES_AGAIN, printed};
use crate::lab::client::LabClient;
use crate::support::test_file::TestFile;

#[tokio::test(flavor = "multi_thread")]
async fn a_line_is_typed_and_ctrl_c_is_pressed_in_the_page() {
    let text = "\
import socket
name = input('who? ')
print('hello', name)
listener = socket.create_server(('127.0.0.1', 0))
listener.accept()
";
    let folder = Folder::new("typed", &[("asks.py", text)]);
    let (_running, relay) = watching(&folder, &["asks.py"]).await;
    let mut client = LabClient::with(relay, watched(relay).await).await;
    client.command(&LabCommand::Play).await;
    client.events_until(|event| matches!(event.kind, EventKind::Reads)).await;
    client.command(&LabCommand::Type(0, Some("Ada".to_owned()))).await;
    let events = client.events_until(|event| matches!(event.kind, EventKind::Blocked(_))).await;
    let read = |event: &Event| match &event.kind {
        EventKind::Read(line) => Some(line.clone()),
        _ => None,
    };
    let read: Vec<_> = events.iter().filter_map(read).collect();
    assert_eq!(read, [Some("Ada".to_owned())], "byte by byte, and still one line");
    assert!(printed(&events, 0).ends_with("hello Ada\n"), "{events:?}");
    client.command(&LabCommand::Interrupt(0)).await;
    let (events, _) = client.events_to_the_end().await;
    assert!(printed(&events, 0).ends_with("KeyboardInterrupt\n"), "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_typed_at_the_terminal_and_not_shown() {
    let text = "\
import getpass
print(getpass.getpass('password? ') == 'secret')
";
    let folder = Folder::new("password", &[("asks.py", text)]);
    let (_running, relay) = watching(&folder, &["asks.py"]).await;
    let mut client = LabClient::with(relay, watched(relay).await).await;
    client.command(&LabCommand::Play).await;
    let before = client.events_until(|event| matches!(event.kind, EventKind::Reads)).await;
    assert_eq!(printed(&before, 0), "password? ");
    client.command(&LabCommand::Type(0, Some("secret".to_owned()))).await;
    let (after, end) = client.events_to_the_end().await;
    assert_eq!((end, &*printed(&after, 0)), (RunEnd::Finished, "\nTrue\n"));
}

/// As with `go run`, whose first process waits for the program.
#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_reaches_all_processes_of_a_program() {
    let text = "\
import os, signal, socket
signal.signal(signal.SIGINT, signal.SIG_IGN)
if os.fork():
    os.wait()
    print('over')
else:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    socket.create_server(('127.0.0.1', 0)).accept()
";
    let folder = Folder::new("processes", &[("forks.py", text)]);
    let (_running, relay) = watching(&folder, &["forks.py"]).await;
    let mut client = LabClient::with(relay, watched(relay).await).await;
    client.command(&LabCommand::Play).await;
    client.events_until(|event| matches!(event.kind, EventKind::Blocked(_))).await;
    client.command(&LabCommand::Interrupt(0)).await;
    let (events, end) = client.events_to_the_end().await;
    let printed = printed(&events, 0);
    assert!(printed.contains("KeyboardInterrupt\n"), "{printed}");
    assert!(printed.ends_with("over\n"), "{printed}");
    assert_eq!(end, RunEnd::Finished);
}

/// Nobody hangs up when the first process ends, as in a shell, whichever terminal it has opened.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_program_leaves_behind_keeps_its_terminal() {
    let server = "\
import os, socket
os.open(os.ttyname(1), os.O_RDWR)
first = os.getpid()
if os.fork(): os._exit(0)
while os.getppid() == first: os.sched_yield()
conn, _ = socket.create_server(('127.0.0.1', 9527)).accept()
conn.sendall(b'hello')
print('served')
";
    let folder = Folder::new("leaves", &[("server.py", server), ("client.py", TRIES_AGAIN)]);
    let (events, finished) = folder.events(&["server.py", "client.py"]).await;
    assert_eq!((finished.code, &*printed(&events, 1)), (Some(0), "b'hello'\n"));
    assert_eq!(printed(&events, 0), "served\n");
}

const SELECTS: &str = "\
import select, sys
while True:
    select.select([sys.stdin], [], [])
    line = sys.stdin.readline()
    if not line: break
    print('read', line.strip())
";
const POLLS: &str = "\
import select, socket, sys
server = socket.create_server(('127.0.0.1', 9527))
client = socket.create_connection(('127.0.0.1', 9527))
conn, _ = server.accept()
poll = select.poll()
poll.register(sys.stdin, select.POLLIN)
poll.register(conn, select.POLLIN)
lines = 0
while lines < 2:
    for number, _ in poll.poll():
        if number == 0:
            client.sendall(sys.stdin.readline().encode())
        else:
            print('came', conn.recv(100).decode().strip())
            lines += 1
";
const EPOLLS: &str = "\
import select, sys
epoll = select.epoll()
epoll.register(0, select.EPOLLIN)
for _ in range(2):
    epoll.poll()
    print('read', sys.stdin.readline().strip())
";

/// Programs that ask whether a line is there before they read it get theirs too.
#[tokio::test(flavor = "multi_thread")]
async fn who_selects_the_terminal_is_given_a_line() {
    let lines = TestFile::new("lines.txt", "one\ntwo\n");
    for (name, text, said) in [
        ("selects", SELECTS, "read one\nread two\n"),
        ("polls", POLLS, "came one\ncame two\n"),
        ("epolls", EPOLLS, "read one\nread two\n"),
    ] {
        let file = format!("{name}.py");
        let folder = Folder::new(name, &[(&file, text)]);
        let stdin = format!("{name}={}", lines.path());
        // Python reads ahead; without that, what was asked about is what is there.
        let (events, finished) = folder.events(&["--stdin", &stdin, "python3", "-u", &file]).await;
        assert_eq!((finished.code, &*printed(&events, 0)), (Some(0), said), "{name}");
    }
}

/// A pipe has room for 64 KiB, and its reader stands still while the watcher writes.
#[tokio::test(flavor = "multi_thread")]
async fn a_line_may_be_longer_than_a_pipe_has_room_for() {
    let long = TestFile::new("long.txt", &format!("{}\nend\n", "a".repeat(300_000)));
    let folder = Folder::new("long", &[("long.py", "print(len(input()))\nprint(input())\n")]);
    let stdin = format!("long={}", long.path());
    let (events, finished) = folder.events(&["--stdin", &stdin, "long.py"]).await;
    assert_eq!((finished.code, &*printed(&events, 0)), (Some(0), "300000\nend\n"));
}

/// Some programs write a line in parts. Another line begins where they turn to their other output.
#[tokio::test]
async fn a_line_that_is_printed_in_parts_is_one() {
    let parts = "from sys import stderr, stdout
stdout.write('a')
for part in ('b', 'c', 'd\\n'): stderr.write(part)
for part in ('e', 'f\\n'): stdout.write(part)
";
    let folder = Folder::new("parts", &[("parts.py", parts)]);
    let finished = folder.watch(&["parts.py"]).await;
    let shown = finished.stdout.lines().filter_map(|line| line.split_once("| "));
    assert_eq!(shown.map(|(_, text)| text).collect::<Vec<_>>(), ["a", "bcd", "ef"], "{finished:?}");
}
