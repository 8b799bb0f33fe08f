//! The pairs of programs of the lab's tests are CPython's own when they are watched: what they print and how they end is the
//! same as without.

use std::fmt::Write as _;
use std::path::PathBuf;

use framescope_lab::{Event, EventKind, Fate, Flags, Network, Trace};
use framescope_syscall::errno::EAGAIN;
use framescope_syscall::{Returned, Syscall};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use super::{Folder, calls, printed};
use crate::pairs::{AT_ONCE, folders, is_followed, without_ports};
use crate::support::process::{framescope, run};

/// A pair that ends when somebody presses Ctrl+C, and by no other means.
const NEVER_ENDS: &str = "25-never-ends";

/// How often a pair is run again if it ended otherwise. Some measure a time, and on a busy machine that is another one.
const ATTEMPTS: usize = 5;

#[tokio::test]
async fn pairs_that_are_watched_end_as_in_cpython() {
    let own = folders().into_iter().filter(|folder| !folder.ends_with(NEVER_ENDS));
    let runs = stream::iter(own).map(async |folder| {
        let mut wrong = String::new();
        for _ in 0..ATTEMPTS {
            wrong = wrong_in(folder.clone()).await;
            if wrong.is_empty() {
                break;
            }
        }
        wrong
    });
    let wrong: String = runs.buffer_unordered(AT_ONCE).collect().await;
    assert!(wrong.is_empty(), "{wrong}");
}

#[expect(clippy::unwrap_used, reason = "the files are those of this folder")]
async fn wrong_in(folder: PathBuf) -> String {
    let file = folder.join("expect.json");
    let experiment: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let mut command = framescope();
    command.args(["watch", "--outcome", "--experiment"]).arg(&file);
    let finished = run(command).await;
    let found: Value = serde_json::from_str(&finished.stdout)
        .unwrap_or_else(|error| panic!("{error}: {} {}", finished.stdout, finished.stderr));
    let mut wrong = String::new();
    for (name, program) in experiment["programs"].as_object().unwrap() {
        let outcomes = program["outcomes"].as_array().unwrap();
        let followed = outcomes.iter().filter(|one| is_followed(one));
        if !followed.clone().any(|expected| agrees(&found[name], expected)) {
            let folder = folder.file_name().unwrap().to_string_lossy();
            writeln!(wrong, "{folder} {name}\n  found {}", found[name]).unwrap();
            for expected in followed {
                writeln!(wrong, "  expected {expected}").unwrap();
            }
        }
    }
    wrong
}

/// Whether a program ended as expected. What CPython says of an exception is the end of its standard error.
fn agrees(found: &Value, expected: &Value) -> bool {
    let text = |value: &Value| without_ports(value["stdout"].as_str().unwrap_or_default());
    let exit = |value: &Value| value["exit"].clone();
    let then = |value: &Value| value.get("then_interrupted").map(|then| (exit(then), text(then)));
    let ends = match expected["ends"].as_str().unwrap_or_default() {
        "exception" => {
            let class = expected["class"].as_str().unwrap_or_default();
            let shown = found["stderr"].as_str().unwrap_or_default();
            let last = shown.lines().last().unwrap_or_default();
            let class = class.rsplit('.').next().unwrap_or_default();
            // An alias has another name from version to version.
            let is_named =
                last.contains(class) || last.contains("OSError") || last.contains("rror");
            found["ends"] == "exit" && exit(found) == json!(1) && is_named
        }
        ends => found["ends"] == ends && exit(found) == exit(expected),
    };
    ends && text(found) == text(expected) && then(found) == then(expected)
}

const SERVER: &str = "import socket
from socketserver import TCPServer
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(('127.0.0.1', 9527))
listener.listen()

def serve(conn):
    with conn:
        while True:
            data = conn.recv(5)
            if not data:
                return
            print(data)

conn, peer = listener.accept()
serve(conn)
";
const CLIENT: &str = "import socket
client = socket.create_connection(('127.0.0.1', 9527))
client.sendall(b'hello')
client.sendall(b'world')
client.close()
";

#[tokio::test]
async fn each_call_has_the_line_of_the_program_that_makes_it() {
    let folder = Folder::new("lines", &[("server.py", SERVER), ("client.py", CLIENT)]);
    let (events, finished) = folder.events(&["server.py", "client.py"]).await;
    assert_eq!(finished.code, Some(0), "{finished:?}");
    let line = |is: fn(&Syscall) -> bool| {
        let called = |event: &&Event| matches!(&event.kind, EventKind::Called(call, _) if is(call));
        events.iter().find(called).map(|event| (event.program, event.line))
    };
    for (found, expected) in [
        (line(|call| matches!(call, Syscall::Socket)), (0, 3)),
        (line(|call| matches!(call, Syscall::SetOption { .. })), (0, 4)),
        (line(|call| matches!(call, Syscall::Bind { .. })), (0, 5)),
        (line(|call| matches!(call, Syscall::Listen { .. })), (0, 6)),
        (line(|call| matches!(call, Syscall::Accept { .. })), (0, 16)),
        (line(|call| matches!(call, Syscall::Recv { .. })), (0, 11)),
        (line(|call| matches!(call, Syscall::Connect { .. })), (1, 2)),
        (line(|call| matches!(call, Syscall::Send { .. })), (1, 3)),
    ] {
        assert_eq!(found, Some(expected), "{events:?}");
    }
    let is_print = |event: &&Event| matches!(event.kind, EventKind::Printed(_));
    assert_eq!(events.iter().find(is_print).map(|event| event.line), Some(14));
}

/// A line is one of the program's own file, from which the call comes, whatever other file makes it.
#[tokio::test]
async fn a_call_in_another_file_has_the_line_that_leads_to_it() {
    let main = "import dataclasses, socket
import helper
@dataclasses.dataclass
class Holds:
    sock: socket.socket = dataclasses.field(default_factory=socket.socket)

one = helper.opens()
two = Holds()
exec('one.close()')
";
    let helper = "\n\n\nimport socket\ndef opens():\n    return socket.socket()\n";
    let folder = Folder::new("files", &[("main.py", main), ("helper.py", helper)]);
    let (events, _) = folder.events(&["main.py"]).await;
    let called = |event: &Event| match &event.kind {
        EventKind::Called(call @ (Syscall::Socket | Syscall::Close { .. }), _) => {
            Some((event.line, call.to_string()))
        }
        _ => None,
    };
    let calls: Vec<_> = events.iter().filter_map(called).take(3).collect();
    let expected = [(7, "socket()"), (8, "socket()"), (9, "close(3)")];
    assert_eq!(calls, expected.map(|(line, call)| (line, call.to_owned())));
}

/// Such a socket is closed, as by `close`.
#[tokio::test]
async fn a_socket_that_another_call_closes_is_closed() {
    let text = "import os, socket
server = socket.create_server(('127.0.0.1', 9527))
client = socket.create_connection(('127.0.0.1', 9527))
conn, _ = server.accept()
null = os.open('/dev/null', os.O_RDONLY)
os.dup2(null, client.fileno())
print(conn.recv(10))
os.closerange(conn.fileno(), conn.fileno() + 1)
os._exit(0)
";
    let folder = Folder::new("dup2", &[("closes.py", text)]);
    let (events, finished) = folder.events(&["closes.py"]).await;
    assert_eq!((finished.code, &*printed(&events, 0)), (Some(0), "b''\n"));
    let calls = calls(&events, 0);
    let closed: Vec<_> = calls.iter().filter(|call| call.starts_with("close(")).collect();
    assert_eq!(closed, ["close(4)", "close(5)"]);
}

/// The wire is in hand under somebody's own programs too.
#[tokio::test]
async fn a_segment_is_dropped_and_held_under_programs_that_are_watched() {
    let folder = Folder::new("wire", &[("server.py", SERVER), ("client.py", CLIENT)]);
    for (wire, fate) in [("drop data 1", Fate::Dropped), ("hold data 1", Fate::Held)] {
        let (events, finished) =
            folder.events(&["--on-wire", wire, "server.py", "client.py"]).await;
        assert_eq!(finished.code, Some(0), "{finished:?}");
        let is = |event: &Event| matches!(event.kind, EventKind::Fate(_, found) if found == fate);
        assert!(events.iter().any(is), "{wire}: {events:?}");
        assert_eq!(
            super::printed(&events, 0).replace('\n', "").replace("'b'", ""),
            "b'helloworld'"
        );
    }
}

/// What was recorded is a trace, which the page opens, and a capture.
#[tokio::test]
async fn a_run_is_kept_as_a_trace_and_as_a_capture() {
    let folder = Folder::new("kept", &[("server.py", SERVER), ("client.py", CLIENT)]);
    let options = ["--record", "trace.json", "--pcap", "run.pcap", "--wire", "--lang", "zh-CN"];
    let finished = folder.watch(&[&options[..], &["server.py", "client.py"]].concat()).await;
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert!(finished.stdout.contains("accept(3) 等待"), "{}", finished.stdout);
    assert!(finished.stdout.contains("Flags [S]"), "{}", finished.stdout);
    let trace = std::fs::read_to_string(folder.path().join("trace.json")).unwrap();
    let trace = Trace::from_json(&trace).unwrap();
    assert_eq!(trace.network, Network::Wire);
    assert_eq!(trace.experiment.programs[0].text, SERVER);
    assert!(trace.events.len() > 20);
    let capture = std::fs::metadata(folder.path().join("run.pcap")).unwrap();
    assert!(capture.len() > 500);
}

const TRIES: &str = "until python3 client.py 2> errors; do sleep 0.05; done";

const TRIES_AGAIN: &str = "import socket
listener = socket.socket()
listener.bind(('127.0.0.1', 9527))
listener.listen()
listener.setblocking(False)
for _ in range(3):
    try:
        listener.accept()
    except BlockingIOError:
        pass
print('nobody')
";

/// Whoever tries in a loop, and waits for nothing, has had an error each time.
#[tokio::test]
async fn calls_that_are_tried_again_without_a_wait_have_failed_each_time() {
    let folder = Folder::new("tries", &[("one.py", TRIES_AGAIN)]);
    let (events, finished) = folder.events(&["one.py"]).await;
    assert_eq!(finished.code, Some(0), "{finished:?}");
    let accepts = super::calls(&events, 0).into_iter().filter(|call| call == "accept(3)");
    assert_eq!(accepts.count(), 3);
    let failed = EventKind::Returned(Returned::Failed(EAGAIN));
    assert_eq!(events.iter().filter(|event| event.kind == failed).count(), 3);
}

/// A Python that imports no module at its start tells no lines, and is watched all the same.
#[tokio::test]
async fn without_its_site_a_python_has_no_lines() {
    let folder = Folder::new("no-lines", &[("server.py", SERVER), ("client.py", CLIENT)]);
    let (events, finished) = folder
        .events(&["--no-wait", "python3", "-I", "-S", "server.py", "::", "sh", "-c", TRIES])
        .await;
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert!(events.iter().all(|event| event.program == 1 || event.line == 0));
    assert_eq!(super::printed(&events, 0).matches("b'").count(), 2);
}

/// Another descriptor keeps a connection open, and says how its calls wait.
#[tokio::test(flavor = "multi_thread")]
async fn a_descriptor_is_known_by_what_it_stands_for_now() {
    let text = "\
import os, socket
listener = socket.create_server(('127.0.0.1', 9527))
first = socket.create_connection(('127.0.0.1', 9527))
conn, peer = listener.accept()
number = first.fileno()
second = first.dup()
first.close()
second.sendall(b'x')
print(conn.recv(1))
with open(__file__) as file:
    print(file.fileno() == number)
    os.read(number, 1)
second.setblocking(False)
try:
    second.recv(1)
except BlockingIOError:
    print('nothing')
second.setblocking(True)
conn.sendall(b'y')
print(second.recv(1))
os.closerange(3, 30)
";
    let folder = Folder::new("descriptors", &[("descriptors.py", text)]);
    let (events, finished) = folder.events(&["descriptors.py"]).await;
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert_eq!(printed(&events, 0), "b'x'\nTrue\nnothing\nb'y'\n");
    let calls = calls(&events, 0);
    let reads = calls.iter().filter(|call| call.starts_with("recv(")).count();
    assert_eq!(reads, 3, "what is read from a file is no recv: {calls:?}");
    let fin = events.iter().position(
        |event| matches!(&event.kind, EventKind::Segment(segment) if segment.flags.has(Flags::FIN)),
    );
    let last = events.iter().rposition(|event| matches!(event.kind, EventKind::Called(..)));
    assert!(fin > last, "the first close ends nothing, and the last one everything");
    let ended = events.iter().rev().find_map(|event| match &event.kind {
        EventKind::Sockets(sockets) => Some(sockets),
        _ => None,
    });
    let open = ended.is_some_and(|all| all.iter().any(|socket| socket.fd.is_some()));
    assert!(!open, "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_sent_is_a_send_of_its_bytes() {
    let text = "import os, socket
server = socket.create_server(('127.0.0.1', 9527))
client = socket.create_connection(('127.0.0.1', 9527))
conn, _ = server.accept()
with open('file.txt', 'rb') as file:
    client.sendfile(file, 2, 4)
    os.sendfile(client.fileno(), file.fileno(), None, 1000)
print(conn.recv(100))
";
    let folder = Folder::new("sendfile", &[("sends.py", text), ("file.txt", "0123456789")]);
    let (events, finished) = folder.events(&["sends.py"]).await;
    assert_eq!((finished.code, &*printed(&events, 0)), (Some(0), "b'23456789'\n"));
    let calls = calls(&events, 0);
    let sent: Vec<_> = calls.iter().filter(|call| call.starts_with("send(")).collect();
    assert_eq!(sent, ["send(4, b'2345')", "send(4, b'6789')"]);
}
