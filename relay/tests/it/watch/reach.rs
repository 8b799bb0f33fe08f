//! Whom programs that are watched reach.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use framescope_lab::{Event, EventKind, Flow, Network, NoWireReason, Timeline, Trace};

use super::{Folder, calls, printed};
use crate::support::process::{Running, framescope};

const CLIENT: &str = "\
import socket, sys
client = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
client.sendall(b'hello')
print(client.recv(10))
";

#[tokio::test(flavor = "multi_thread")]
async fn with_the_network_of_the_host_programs_reach_what_it_reaches() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let port = listener.local_addr().expect("it is bound").port().to_string();
    let server = thread::spawn(move || {
        let (mut conn, _) = listener.accept().expect("somebody connects");
        let mut bytes = [0; 5];
        conn.read_exact(&mut bytes).expect("bytes come");
        conn.write_all(b"bye").expect("bytes go");
        bytes
    });
    let folder = Folder::new("reach", &[("client.py", CLIENT)]);
    let arguments = ["--net", "host", "--record", "trace.json", "client.py", &port];
    let (events, finished) = folder.events(&arguments).await;
    assert_eq!((finished.code, &*printed(&events, 0)), (Some(0), "b'bye'\n"), "{finished:?}");
    assert_eq!(&server.join().expect("it has not panicked"), b"hello");
    assert!(calls(&events, 0).contains(&"send(3, b'hello')".to_owned()), "{finished:?}");

    let text = std::fs::read_to_string(folder.path().join("trace.json")).expect("it was written");
    let trace = Trace::from_json(&text).expect("it is a trace");
    let mut timeline = Timeline::new(&trace.experiment);
    timeline.extend(&trace.events);
    let [connection] = timeline.connections() else { panic!("{:?}", timeline.connections()) };
    assert_eq!((connection.client, connection.server), (Some(0), None));
    assert!(timeline.flows().iter().all(Flow::has_bytes), "what came from outside is one too");
    let segment = |event: &Event| match &event.kind {
        EventKind::Segment(segment) => Some(segment.clone()),
        _ => None,
    };
    let segments: Vec<_> = events.iter().filter_map(segment).collect();
    match trace.network {
        Network::Shared => {
            let flags: Vec<_> = segments.iter().map(|one| one.flags.to_string()).collect();
            assert_eq!(flags[..3], ["SYN", "SYN ACK", "ACK"], "{flags:?}");
            let bytes = segments.iter().map(|one| one.payload.end - one.payload.start);
            assert_eq!(bytes.sum::<u64>(), 8, "each segment is there once");
        }
        // The tests run as somebody who may not see packets.
        Network::Loopback(why) => {
            assert_eq!((why.reason, segments.len()), (NoWireReason::Right, 0));
            assert!(finished.stderr.contains("No segments are shown"), "{}", finished.stderr);
        }
        Network::Wire | Network::Unknown => panic!("{:?}", trace.network),
    }
}

/// Nobody knows whether somebody will connect.
#[tokio::test(flavor = "multi_thread")]
async fn with_the_network_of_the_host_a_program_that_waits_is_not_ended() {
    let server = "\
import socket
server = socket.create_server(('127.0.0.1', 0))
print(server.getsockname()[1])
conn, _ = server.accept()
print(conn.recv(10))
";
    let folder = Folder::new("waits", &[("server.py", server)]);
    let mut command = framescope();
    command.current_dir(folder.path()).args(["watch", "--json", "--net", "host", "server.py"]);
    let mut running = Running::start(command);
    let mut printed = String::new();
    loop {
        let line = running.line().await;
        match serde_json::from_str::<Event>(&line).expect("it is an event").kind {
            EventKind::Printed(output) => printed.push_str(&output.text),
            EventKind::Blocked(_) => break,
            _ => {}
        }
    }
    // A run of programs that are alone has ended by then.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let port: u16 = printed.trim().parse().expect("it has printed it");
    let mut client = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    client.write_all(b"hello").expect("bytes go");
    let (rest, code) = running.rest().await;
    assert_eq!(code, Some(0), "{rest}");
    assert!(rest.contains("b'hello'"), "{rest}");
}

#[tokio::test]
async fn the_wire_of_the_host_is_changed_by_nobody() {
    let folder = Folder::new("host-wire", &[("client.py", CLIENT)]);
    let finished = folder.watch(&["--net", "host", "--on-wire", "drop syn 1", "client.py"]).await;
    assert_eq!(finished.code, Some(2));
    assert!(finished.stderr.contains("with --net host nobody changes"), "{}", finished.stderr);
}

/// Node and others look names up with `AI_ADDRCONFIG`: a network with an address of IPv6 alone would hide 127.0.0.1. A name may
/// stand for `::1` too: a server may bind both, and its client comes to the one that is seen.
#[tokio::test]
async fn localhost_is_reached_by_ipv4() {
    let server = "import socket
both = [socket.create_server(('127.0.0.1', 9527))]
try:
    both.append(socket.create_server(('::1', 9527), family=socket.AF_INET6))
except OSError:
    pass
conn, _ = both[0].accept()
print(conn.recv(10))
";
    let client = "import socket
try:
    socket.create_connection(('::1', 9527))
except OSError:
    print('nobody reaches ::1')
found = socket.getaddrinfo('localhost', 9527, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
print('127.0.0.1' in [address[0] for *_, address in found])
socket.create_connection(('127.0.0.1', 9527)).sendall(b'hello')
";
    let folder = Folder::new("localhost", &[("server.py", server), ("client.py", client)]);
    let (events, finished) = folder.events(&["server.py", "client.py"]).await;
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert_eq!(printed(&events, 0), "b'hello'\n");
    assert_eq!(printed(&events, 1), "nobody reaches ::1\nTrue\n");
}
