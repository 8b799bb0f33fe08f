//! Programs in other languages, compiled in the test if the machine has a compiler, and what they do that Python does not.

use std::process::Command;

use framescope_lab::{Ended, Event, EventKind, Experiment, Flow, Program, Timeline};
use framescope_record::Direction;
use framescope_syscall::errno::EAGAIN;
use framescope_syscall::{BlockedOn, Returned};

use super::{Folder, calls, printed};
use crate::support::process::run;
use crate::support::skipped;

const C_SERVER: &str = r#"
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>
int main(void) {
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons(9527),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  bind(listener, (struct sockaddr *)&own, sizeof own);
  listen(listener, 5);
  int conn = accept(listener, 0, 0);
  char bytes[6] = { 0 };
  for (ssize_t n; (n = read(conn, bytes, 5)) > 0;) {
    bytes[n] = 0;
    printf("%s\n", bytes);
  }
  return 7;
}
"#;
const C_CLIENT: &str = r#"
#include <netinet/in.h>
#include <sys/uio.h>
#include <unistd.h>
int main(void) {
  int conn = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in server = { .sin_family = AF_INET, .sin_port = htons(9527),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  if (connect(conn, (struct sockaddr *)&server, sizeof server)) return 1;
  struct iovec parts[] = { { "hel", 3 }, { "lo wor", 6 } };
  writev(conn, parts, 2);
  struct msghdr message = { .msg_iov = &(struct iovec){ "ld", 2 }, .msg_iovlen = 1 };
  sendmsg(conn, &message, 0);
  return 0;
}
"#;

/// Compiles both programs. `false`: there is no compiler.
fn compile(folder: &Folder, options: &[&str]) -> bool {
    [("server", "server.c"), ("client", "client.c")].iter().all(|(program, file)| {
        let mut compiler = Command::new("cc");
        compiler.current_dir(folder.path()).args(options).args(["-o", program, file]);
        compiler.status().is_ok_and(|status| status.success())
    })
}

async fn a_c_pair(name: &str, options: &[&str]) {
    let folder = Folder::new(name, &[("server.c", C_SERVER), ("client.c", C_CLIENT)]);
    if !compile(&folder, options) {
        return skipped("no C compiler is here; install the packages gcc and libc6-dev");
    }
    let (events, finished) = folder.events(&["./server", "::", "./client"]).await;
    assert_eq!(finished.code, Some(7), "{finished:?}");
    // Where the chunks are cut, TCP decides.
    assert_eq!(printed(&events, 0).replace('\n', ""), "hello world");
    let sent = ["send(3, b'hello wor')", "send(3, b'ld')"];
    let client = calls(&events, 1);
    assert!(client.ends_with(&sent.map(str::to_owned)), "{client:?}");
    let segments = events.iter().filter(|event| matches!(event.kind, EventKind::Segment(_)));
    assert!(segments.count() >= 7, "the handshake, two with bytes, and the end");
}

#[tokio::test]
async fn a_c_pair_shows_its_calls_and_segments() {
    a_c_pair("c", &[]).await;
}

#[tokio::test]
async fn a_c_pair_that_is_static_shows_the_same() {
    a_c_pair("c-static", &["-static"]).await;
}

/// By program, the text of the line at which each call was made, and the call.
fn lines(events: &[Event], program: usize, source: &str) -> Vec<(String, String)> {
    let own = events.iter().filter(|event| event.program == program);
    own.filter_map(|event| match &event.kind {
        EventKind::Called(call, _) => {
            let before = usize::try_from(event.line).ok()?.checked_sub(1);
            let line = before.and_then(|before| source.lines().nth(before)).unwrap_or_default();
            Some((line.to_owned(), call.to_string()))
        }
        _ => None,
    })
    .collect()
}

/// With debug information each call has the line of the program that makes it, however it was compiled.
#[tokio::test]
async fn a_compiled_program_has_the_lines_of_its_source() {
    for (name, options) in [
        ("c-lines", &["-g"][..]),
        ("c-lines-optimized", &["-g", "-O2", "-fomit-frame-pointer"]),
        ("c-lines-static", &["-g", "-static"]),
        ("c-lines-compressed", &["-g", "-gz", "-no-pie"]),
    ] {
        let folder = Folder::new(name, &[("server.c", C_SERVER), ("client.c", C_CLIENT)]);
        if !compile(&folder, options) {
            return skipped("no C compiler is here; install the packages gcc and libc6-dev");
        }
        let (events, finished) = folder.events(&["./server", "::", "./client"]).await;
        assert_eq!(finished.code, Some(7), "{finished:?}");
        for (program, source) in [(0, C_SERVER), (1, C_CLIENT)] {
            let lines = lines(&events, program, source);
            for (line, call) in &lines {
                let name = call.split('(').next().unwrap_or_default();
                let written = match name {
                    "recv" => "read",
                    // By `writev`, and by `sendmsg`.
                    "send" => ["writev", "sendmsg"][usize::from(call.contains("ld'"))],
                    other => other,
                };
                assert!(line.contains(written), "{options:?}: {call} at {line:?}");
            }
            assert!(lines.len() >= 4, "{lines:?}");
        }
    }
}

#[tokio::test]
async fn a_call_to_which_no_line_of_the_source_leads_has_none() {
    const MAIN: &str = "#include <sys/socket.h>
int main(void) { return socket(AF_INET, SOCK_STREAM, 0) < 0; }
";
    let other = "#include <unistd.h>
__attribute__((destructor)) static void last(void) { close(3); }
";
    let folder = Folder::new("no-line", &[("main.c", MAIN), ("other.c", other)]);
    let mut compiler = Command::new("cc");
    compiler.current_dir(folder.path()).args(["-g", "-o", "program", "main.c", "other.c"]);
    if !compiler.status().is_ok_and(|status| status.success()) {
        return skipped("no C compiler is here; install the packages gcc and libc6-dev");
    }
    let (events, _) = folder.events(&["./program"]).await;
    let main = MAIN.lines().nth(1).unwrap_or_default();
    let wanted =
        [(main, "socket()"), ("", "close(3)")].map(|(line, call)| (line.into(), call.into()));
    assert_eq!(lines(&events, 0, MAIN), wanted);
}

#[tokio::test]
async fn a_compiled_program_that_does_not_name_its_source_has_no_lines() {
    for (name, options, keeps_source) in [
        ("c-none", &[][..], true),
        ("c-stripped", &["-g", "-s"], true),
        ("c-moved", &["-g"], false),
    ] {
        let folder = Folder::new(name, &[("server.c", C_SERVER), ("client.c", C_CLIENT)]);
        if !compile(&folder, options) {
            return skipped("no C compiler is here; install the packages gcc and libc6-dev");
        }
        if !keeps_source {
            std::fs::remove_file(folder.path().join("server.c")).expect("it is there");
        }
        let (events, finished) = folder.events(&["./server", "::", "./client"]).await;
        assert_eq!(finished.code, Some(7), "{finished:?}");
        let of_server = events.iter().filter(|event| event.program == 0);
        assert!(of_server.clone().count() > 10);
        assert!(of_server.clone().all(|event| event.line == 0), "{name}");
    }
}

/// What strace prints of the same client is what is shown, call by call.
#[tokio::test]
async fn the_calls_are_those_of_strace() {
    let folder = Folder::new("strace", &[("server.c", C_SERVER), ("client.c", C_CLIENT)]);
    let has_strace = Command::new("strace").arg("-V").output().is_ok();
    if !has_strace || !compile(&folder, &[]) {
        return skipped("no strace or no C compiler is here; install the packages strace and gcc");
    }
    let mut strace = Command::new("unshare");
    // The client tries until the server listens.
    let script = "ip link set lo up && { until ./client; do :; done & } && strace -f -o trace -e \
        socket,bind,listen,accept,connect,shutdown,sendto,sendmsg,recvfrom ./server";
    strace.current_dir(folder.path()).args(["--map-root-user", "--net", "sh", "-c", script]);
    let traced = run(strace).await;
    let Ok(trace) = std::fs::read_to_string(folder.path().join("trace")) else {
        return skipped(&format!("no namespace for strace: {}", traced.stderr));
    };
    let lines = trace.lines().filter_map(|line| line.split_once(' ').map(|(_, call)| call));
    let name = |call: &str| call.trim().split_once('(').map(|(name, _)| name.to_owned());
    let expected: Vec<String> = lines.filter_map(name).collect();
    let (events, _) = folder.events(&["./server", "::", "./client"]).await;
    let shown = calls(&events, 0).into_iter().filter_map(|call| name(&call));
    // Its `read` is shown as what it does.
    let shown: Vec<String> = shown.filter(|name| name != "recv").collect();
    assert!(expected.len() >= 4, "{trace}");
    assert_eq!(shown, expected, "{trace}");
}

const NODE_SERVER: &str = "const net = require('net');
const server = net.createServer(conn => {
  conn.on('data', data => { console.log(data.toString()); conn.end('bye'); });
  conn.on('close', () => server.close());
});
server.listen(9527, '127.0.0.1');
";
const NODE_CLIENT: &str =
    "const conn = require('net').connect(9527, '127.0.0.1', () => conn.write('hello'));
conn.on('data', data => console.log(data.toString()));
";

#[tokio::test]
async fn what_node_waits_for_in_epoll_is_folded() {
    let folder = Folder::new("node", &[("server.js", NODE_SERVER), ("client.js", NODE_CLIENT)]);
    if Command::new("node").arg("--version").output().is_err() {
        return skipped("no node is here; install the package nodejs");
    }
    let (events, finished) = folder.events(&["node", "server.js", "::", "node", "client.js"]).await;
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert_eq!((printed(&events, 0), printed(&events, 1)), ("hello\n".into(), "bye\n".into()));
    let waits = EventKind::Blocked(BlockedOn::Handshake);
    assert!(events.iter().any(|event| event.program == 1 && event.kind == waits), "{events:?}");
    assert!(calls(&events, 1).iter().all(|call| !call.contains("SO_ERROR")), "{events:?}");
}

const GO_SERVER: &str = "package main
import (\"fmt\"; \"net\")
func main() {
  listener, err := net.Listen(\"tcp4\", \"127.0.0.1:9527\")
  if err != nil { panic(err) }
  conn, _ := listener.Accept()
  bytes := make([]byte, 5)
  for {
    length, err := conn.Read(bytes)
    if err != nil { break }
    fmt.Println(string(bytes[:length]))
  }
  conn.Close()
}
";

/// What the calls of a program wait for, and what they fail with.
fn waits(events: &[Event], program: usize) -> (Vec<BlockedOn>, Vec<u32>) {
    let own = || events.iter().filter(|event| event.program == program);
    let waits = own().filter_map(|event| match event.kind {
        EventKind::Blocked(on) => Some(on),
        _ => None,
    });
    let errors = own().filter_map(|event| match event.kind {
        EventKind::Returned(Returned::Failed(errno)) => Some(errno),
        _ => None,
    });
    (waits.collect(), errors.collect())
}

#[tokio::test]
async fn what_go_waits_for_in_epoll_is_folded() {
    let files = [("server.go", GO_SERVER), ("client.c", C_CLIENT), ("server.c", C_SERVER)];
    let folder = Folder::new("go", &files);
    let mut go = Command::new("go");
    go.current_dir(folder.path()).env("HOME", folder.path());
    go.args(["build", "-o", "goes", "server.go"]);
    if !go.status().is_ok_and(|status| status.success()) || !compile(&folder, &[]) {
        return skipped("no go is here; install the package golang-go");
    }
    let (events, finished) = folder.events(&["./goes", "::", "./client"]).await;
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert_eq!(printed(&events, 0).replace('\n', ""), "hello world");
    let (waits, errors) = waits(&events, 0);
    let is_of_socket = |on: &BlockedOn| [BlockedOn::Client, BlockedOn::Bytes].contains(on);
    assert!(waits.iter().all(is_of_socket), "{waits:?}");
    assert!(errors.is_empty(), "{events:?}");
    let lines = lines(&events, 0, GO_SERVER);
    let reads: Vec<_> = lines.iter().filter(|(_, call)| call.starts_with("recv(")).collect();
    assert!(
        reads.len() >= 2 && reads.iter().all(|(line, _)| line.contains("conn.Read")),
        "{lines:?}"
    );
}

const ASYNCIO_SERVER: &str = "import asyncio
async def serve(reader, writer):
    print(await reader.read(100))
    writer.write(b'bye')
    await writer.drain()
    writer.close()
    server.close()
async def main():
    global server
    server = await asyncio.start_server(serve, '127.0.0.1', 9527)
    async with server:
        try:
            await server.serve_forever()
        except asyncio.CancelledError:
            pass
asyncio.run(main())
";
const ASYNCIO_CLIENT: &str = "import asyncio
async def main():
    reader, writer = await asyncio.open_connection('127.0.0.1', 9527)
    writer.write(b'hello')
    print(await reader.read(100))
    writer.close()
asyncio.run(main())
";

/// It opens all before it says to epoll(7) what it waits for.
#[tokio::test(flavor = "multi_thread")]
async fn connects_that_node_makes_at_once_all_wait() {
    let client = "const net = require('net');
for (let count = 0; count < 3; count++) net.connect(9527, '127.0.0.1').end();
";
    let server = "import socket
server = socket.create_server(('127.0.0.1', 9527))
for _ in range(3):
    conn, _ = server.accept()
    conn.recv(1)
    conn.close()
";
    let folder = Folder::new("connects", &[("client.js", client), ("server.py", server)]);
    if Command::new("node").arg("--version").output().is_err() {
        return skipped("no node is here; install the package nodejs");
    }
    let (events, _) = folder.events(&["server.py", "::", "node", "client.js"]).await;
    let (waits, errors) = waits(&events, 1);
    let connects = waits.iter().filter(|on| **on == BlockedOn::Handshake).count();
    assert_eq!((connects, errors), (3, Vec::new()), "{events:?}");
}

/// Each of its calls waits in epoll(7) while others are made by the same thread.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_loop_has_many_calls_that_wait() {
    let server = "import asyncio
async def serve(reader, writer):
    while data := await reader.read(100):
        writer.write(data.upper())
    writer.close()
    served.append(writer)
    if len(served) == 3: server.close()
async def main():
    global server
    server = await asyncio.start_server(serve, '127.0.0.1', 9527)
    try:
        await server.serve_forever()
    except asyncio.CancelledError:
        pass
served = []
asyncio.run(main())
";
    let client = "import socket
socks = [socket.create_connection(('127.0.0.1', 9527)) for _ in range(3)]
for text in (b'a', b'bb', b'ccc'):
    for sock in socks: sock.sendall(text)
    for sock in socks: print(sock.recv(100))
for sock in socks: sock.close()
";
    let folder = Folder::new("event-loop", &[("server.py", server), ("client.py", client)]);
    let (events, _) = folder.events(&["server.py", "client.py"]).await;
    let answers = ["b'A'\n", "b'BB'\n", "b'CCC'\n"].map(|one| one.repeat(3));
    assert_eq!(printed(&events, 1), answers.concat());
    let (waits, errors) = waits(&events, 0);
    assert!(waits.contains(&BlockedOn::Client), "{waits:?}");
    assert_eq!(errors, [EAGAIN], "the last accept, of a listener that is closed");
    let names =
        ["server", "client"].map(|name| Program { name: name.into(), ..Program::default() });
    let experiment = Experiment { programs: names.into(), ..Experiment::default() };
    let mut timeline = Timeline::new(&experiment);
    timeline.extend(&events);
    let ends: Vec<_> = timeline.connections().iter().map(|one| (one.client, one.server)).collect();
    assert_eq!(ends, [(Some(1), Some(0)); 3]);
    let received = |flow: &Flow| flow.record.moment(None).end(Direction::Received);
    assert_eq!(timeline.flows().iter().map(received).collect::<Vec<_>>(), [6; 6]);
}

/// A call that one thread has tried in vain is made again by one that has made none before. Lines are those of the thread that
/// makes each call.
#[tokio::test]
async fn a_call_that_another_thread_goes_on_with_leaves_each_thread_its_line() {
    const SERVER: &str = "import select, socket, threading
server = socket.create_server(('127.0.0.1', 9527))
conn, _ = server.accept()
conn.setblocking(False)
epoll = select.epoll()
epoll.register(conn, select.EPOLLIN)
def asks():
    conn.send(b'?')
def receives():
    conn.recv(1)
    conn.recv_into(bytearray(1))
def runs(target):
    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
for _ in range(8):
    try:
        print(conn.recv(1))
    except BlockingIOError:
        runs(asks)
        epoll.poll()
        runs(receives)
";
    let client = "import socket
sock = socket.create_connection(('127.0.0.1', 9527))
while sock.recv(1): sock.sendall(b'!?')
";
    let files = [("server.py", SERVER), ("client.py", client)];
    let folder = Folder::new("other-thread", &files);
    let (events, _) = folder.events(&["server.py", "client.py"]).await;
    let lines = lines(&events, 0, SERVER);
    let of_connection =
        lines.iter().filter(|(_, call)| call.starts_with("recv(") || call.starts_with("send("));
    let of_connection: Vec<_> = of_connection.map(|(line, _)| line.trim()).collect();
    let round = ["print(conn.recv(1))", "conn.send(b'?')", "conn.recv_into(bytearray(1))"];
    assert_eq!(of_connection, round.repeat(8));
}

const TRIES: &str = "import select, socket
server = socket.create_server(('127.0.0.1', 9527))
server.setblocking(False)
epoll = select.epoll()
epoll.register(server, select.EPOLLIN)
try:
    server.accept()
except BlockingIOError:
    pass
client = socket.create_connection(('127.0.0.1', 9527))
epoll.poll()
conn, _ = server.accept()
epoll.register(conn, select.EPOLLIN | select.EPOLLOUT)
epoll.poll(0)
";

#[tokio::test(flavor = "multi_thread")]
async fn raw_calls_are_shown_each_time_that_they_are_made() {
    let folder = Folder::new("raw", &[("tries.py", TRIES)]);
    let lines = async |arguments: &[&str]| -> Vec<String> {
        let finished = folder.watch(arguments).await;
        let lines = finished.stdout.lines().map(|line| line.split_whitespace().skip(3));
        let lines = lines.map(|words| words.collect::<Vec<_>>().join(" "));
        lines.filter(|line| line.starts_with("accept") || line.starts_with("select")).collect()
    };
    let [waits, returns] = &lines(&["tries.py"]).await[..] else { panic!("one accept") };
    assert_eq!(waits, "accept(3) waits");
    assert!(returns.starts_with("accept(3) = 6, from "), "{returns}");
    let raw = lines(&["--raw", "tries.py"]).await;
    let [tries, waits, returns, both] = &raw[..] else { panic!("{raw:?}") };
    assert_eq!(tries, "accept(3) = EAGAIN: Resource temporarily unavailable");
    assert_eq!(waits, "select([3], [], []) = [3], [], []");
    assert!(returns.starts_with("accept(3) = 6, from "), "{returns}");
    assert_eq!(both, "select([3, 6], [6], []) = [], [6], []");
}

#[tokio::test]
async fn asyncio_connects_and_reads_as_any_other_python() {
    let files = [("server.py", ASYNCIO_SERVER), ("client.py", ASYNCIO_CLIENT)];
    let folder = Folder::new("asyncio", &files);
    let (events, finished) = folder.events(&["server.py", "client.py"]).await;
    assert_eq!(finished.code, Some(0), "{finished:?}");
    let said = (printed(&events, 0), printed(&events, 1));
    assert_eq!(said, ("b'hello'\n".to_owned(), "b'bye'\n".to_owned()));
    let (waits, errors) = waits(&events, 1);
    assert_eq!(waits.first(), Some(&BlockedOn::Handshake));
    assert!(errors.is_empty(), "{events:?}");
}

const JAVA: &str = "import java.net.*;
public class Server { public static void main(String[] arguments) throws Exception {
  Socket conn = new ServerSocket(9527).accept();
  byte[] bytes = new byte[5]; int n;
  while ((n = conn.getInputStream().read(bytes)) > 0) System.out.println(new String(bytes, 0, n));
} }
";

#[tokio::test]
async fn a_java_begins_with_its_own_first_socket() {
    let files = [("Server.java", JAVA), ("client.c", C_CLIENT), ("server.c", C_SERVER)];
    let folder = Folder::new("java", &files);
    let has_java = Command::new("javac").arg("-version").output().is_ok();
    if !has_java || !compile(&folder, &[]) {
        return skipped("no javac is here; install the package default-jdk-headless");
    }
    let (events, finished) = folder.events(&["java", "Server.java", "::", "./client"]).await;
    assert_eq!(finished.code, Some(0), "{finished:?}");
    let server = calls(&events, 0);
    assert!(server[0] == "socket()" && server[1].starts_with("bind("), "{server:?}");
    assert_eq!(printed(&events, 0).replace('\n', ""), "hello world");
}

const FORKS: &str = "import os, socket
listener = socket.create_server(('127.0.0.1', 9527))
for _ in range(2):
    conn, peer = listener.accept()
    if os.fork() == 0:
        listener.close()
        print(conn.recv(10))
        os._exit(3)
    conn.close()
for _ in range(2):
    os.wait()
os.kill(os.getpid(), 9)
";
const CALLS_TWICE: &str = "import socket
for text in (b'one', b'two'):
    with socket.create_connection(('127.0.0.1', 9527)) as client:
        client.sendall(text)
";

/// A process that a program starts is another thread of it in the events, and a signal that kills it is 128 and its number.
#[tokio::test]
async fn a_server_that_forks_and_is_killed_is_followed_to_its_end() {
    let folder = Folder::new("forks", &[("server.py", FORKS), ("client.py", CALLS_TWICE)]);
    let (events, finished) = folder.events(&["server.py", "client.py"]).await;
    assert_eq!(finished.code, Some(137), "{finished:?}");
    let of_thread = |thread: usize, line: u32| {
        let is =
            |event: &&Event| event.thread == thread && matches!(event.kind, EventKind::Printed(_));
        events.iter().filter(is).all(|event| event.line == line)
    };
    let started = events.iter().filter_map(|event| match event.kind {
        EventKind::Started(thread) => Some(thread),
        _ => None,
    });
    assert_eq!(started.collect::<Vec<_>>(), [1, 2]);
    assert!(of_thread(1, 7) && of_thread(2, 7), "{events:?}");
    // Both print at the same time.
    let all = printed(&events, 0);
    assert!(all.contains("b'one'") && all.contains("b'two'"), "{all}");
    let ended = EventKind::Ended(Ended::Exit(137));
    assert!(events.iter().any(|event| event.program == 0 && event.kind == ended));
}
