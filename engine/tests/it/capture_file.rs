//! The capture file of a trace: its packets, and what their comments say.

use std::net::Ipv4Addr;

use framescope_lab::{
    Columns, Event, EventKind, Experiment, Flags, Segment, Socket, Trace, capture_file,
};
use framescope_record::Source;
use framescope_syscall::{Address, Data, Fd, Returned, Syscall, Wait};

use crate::segments;
use crate::stepping::experiment;

const CLIENT: Address = Address { ip: Ipv4Addr::LOCALHOST, port: 5000 };
const SERVER: Address = Address { ip: Ipv4Addr::LOCALHOST, port: 9527 };

/// The length of the headers of a packet without options.
const HEADERS: usize = 40;

/// A packet of a capture file.
struct Packet<'a> {
    original: usize,
    bytes: &'a [u8],
    comments: Vec<&'a str>,
}

impl Packet<'_> {
    fn payload(&self) -> &[u8] {
        &self.bytes[20 + 4 * usize::from(self.bytes[32] >> 4)..]
    }

    /// The length that its header says.
    fn total(&self) -> usize {
        usize::from(u16::from_be_bytes([self.bytes[2], self.bytes[3]]))
    }
}

fn number(bytes: &[u8], at: usize) -> usize {
    let bytes = bytes[at..].first_chunk().expect("the number is whole");
    u32::from_le_bytes(*bytes) as usize
}

/// The packets of a capture file.
fn packets(mut file: &[u8]) -> Vec<Packet<'_>> {
    let mut packets = Vec::new();
    while !file.is_empty() {
        let (block, rest) = file.split_at(number(file, 4));
        file = rest;
        if number(block, 0) != 6 {
            continue;
        }
        let (captured, original) = (number(block, 20), number(block, 24));
        let mut options = &block[28 + captured.next_multiple_of(4)..block.len() - 4];
        let mut comments = Vec::new();
        while options.len() > 4 && options[0] == 1 {
            let length = usize::from(u16::from_le_bytes([options[2], options[3]]));
            comments.push(std::str::from_utf8(&options[4..4 + length]).expect("it is text"));
            options = &options[4 + length.next_multiple_of(4)..];
        }
        packets.push(Packet { original, bytes: &block[28..28 + captured], comments });
    }
    packets
}

fn trace(experiment: Experiment, events: Vec<Event>) -> Trace {
    let mut trace = Trace::new(Source::Simulated, experiment);
    trace.events = events;
    trace
}

fn event(program: usize, kind: EventKind) -> Event {
    Event { at: 0, program, thread: 0, line: 1, kind }
}

/// A segment of the client with these bytes of its stream.
fn segment(number: u32, payload: std::ops::Range<u64>) -> Segment {
    Segment {
        number,
        from: CLIENT,
        to: SERVER,
        flags: Flags::ACK,
        seq: payload.start.saturating_add(1),
        ack: Some(1),
        window: 1000,
        sack: Vec::new(),
        syn: None,
        payload,
        repeats: None,
    }
}

/// A client that has connected, and sent these bytes.
fn sent(bytes: &[u8]) -> Vec<Event> {
    let (fd, length) = (Fd(3), u32::try_from(bytes.len()).expect("they are few"));
    let socket = Socket {
        fd: Some(fd),
        state: None,
        local: CLIENT,
        peer: Some(SERVER),
        unread: None,
        unacknowledged: None,
        limits: None,
        backlog: None,
    };
    let called = |call| event(1, EventKind::Called(call, Columns::default()));
    let returned = |returned| event(1, EventKind::Returned(returned));
    vec![
        called(Syscall::Connect { fd, address: SERVER, wait: Wait::Forever }),
        event(1, EventKind::Sockets(vec![socket])),
        returned(Returned::Done),
        called(Syscall::Send { fd, bytes: Data(bytes.to_vec()), wait: Wait::Forever }),
        returned(Returned::Sent(length)),
    ]
}

/// The trace of two programs on a wire with latency.
fn run(texts: &[&str]) -> Trace {
    let experiment =
        Experiment { wire: "latency 5ms".parse().expect("it is a wire"), ..experiment(texts) };
    let (events, _) = segments::run(experiment.clone());
    trace(experiment, events)
}

/// The port from which each payload was sent, the payload, and its comment.
fn sent_by(texts: &[&str]) -> Vec<(u16, String, String)> {
    let file = capture_file(&run(texts));
    let packets = packets(&file);
    let data = packets
        .iter()
        .filter(|packet| packet.original > packet.bytes.len() - packet.payload().len());
    let found = data.map(|packet| {
        let port = u16::from_be_bytes([packet.bytes[20], packet.bytes[21]]);
        (port, String::from_utf8_lossy(packet.payload()).into_owned(), packet.comments.join(", "))
    });
    found.collect()
}

/// What [`sent_by`] returns of a payload that this line has sent on descriptor 3.
fn one(port: u16, payload: &str, line: &str) -> (u16, String, String) {
    (port, payload.to_owned(), format!("{line}: send(3, b'{payload}')"))
}

#[test]
fn a_packet_has_the_bytes_and_the_call_of_the_connection_that_there_was_when_it_was_sent() {
    let server = "\
import socket
server = socket.create_server(('127.0.0.1', 9527))
for one in range(2):
    conn, addr = server.accept()
    print(conn.recv(100))
";
    let client = "\
import socket, struct, time
for text in [b'AAAA', b'BBBB']:
    client = socket.socket()
    client.bind(('127.0.0.1', 5000))
    client.connect(('127.0.0.1', 9527))
    client.sendall(text)
    time.sleep(1)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    client.close()
";
    let line = "program1.py:6";
    assert_eq!(sent_by(&[server, client]), [one(5000, "AAAA", line), one(5000, "BBBB", line)]);
}

#[test]
fn a_packet_has_the_bytes_of_its_sender_after_client_and_server_have_changed_places() {
    let first = "\
import socket, time
server = socket.create_server(('127.0.0.1', 9527))
conn, addr = server.accept()
print(conn.recv(100))
time.sleep(1)
conn.close()
server.close()
time.sleep(1)
client = socket.socket()
client.bind(('127.0.0.1', 9527))
client.connect(('127.0.0.1', 5000))
client.sendall(b'BBBB')
";
    let second = "\
import socket, struct, time
client = socket.socket()
client.bind(('127.0.0.1', 5000))
client.connect(('127.0.0.1', 9527))
client.sendall(b'AAAA')
time.sleep(0.5)
client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
client.close()
server = socket.create_server(('127.0.0.1', 5000))
conn, addr = server.accept()
print(conn.recv(100))
";
    let expected = [one(5000, "AAAA", "program1.py:5"), one(9527, "BBBB", "program0.py:12")];
    assert_eq!(sent_by(&[first, second]), expected);
}

#[test]
fn a_packet_has_the_bytes_of_its_sender_if_both_have_connected_to_each_other_at_once() {
    let peer = |own: u16, peer: u16, text: &str| {
        format!(
            "import socket
one = socket.socket()
one.bind(('127.0.0.1', {own}))
one.connect(('127.0.0.1', {peer}))
one.sendall(b'{text}')
print(one.recv(100))
"
        )
    };
    let found = sent_by(&[&peer(5000, 9527, "AAAA"), &peer(9527, 5000, "BBBB")]);
    assert_eq!(found, [one(5000, "AAAA", "program0.py:5"), one(9527, "BBBB", "program1.py:5")]);
}

#[test]
fn a_packet_whose_bytes_are_not_known_is_captured_without_them() {
    let longest = 65_535 - HEADERS as u64;
    let count = 10_000;
    let segments = (0..count).map(|number| {
        let start = u64::from(number) * longest;
        event(1, EventKind::Segment(segment(number, start..start + longest)))
    });
    let experiment = experiment(&["", ""]);
    let events = [sent(b"hello"), segments.collect()].concat();
    let trace = Trace::from_json(&trace(experiment, events).to_json()).expect("it is valid");
    let file = capture_file(&trace);
    assert!(file.len() < 200 * count as usize, "{}", file.len());
    for packet in packets(&file) {
        assert_eq!(
            (packet.bytes.len(), packet.original, packet.total()),
            (HEADERS, 65_535, 65_535)
        );
        assert_eq!(packet.comments, ["the trace does not have these bytes"]);
    }
}

#[test]
fn a_file_has_a_bounded_number_of_bytes_of_payload() {
    let bytes = vec![b'x'; 65_000];
    let segments = (0..2000).map(|number| event(1, EventKind::Segment(segment(number, 0..65_000))));
    let events = [sent(&bytes), segments.collect()].concat();
    let file = capture_file(&trace(experiment(&["", ""]), events));
    assert!(file.len() < 70 << 20, "{}", file.len());
    let packets = packets(&file);
    assert_eq!(packets[0].payload(), bytes);
    let last = packets.last().unwrap();
    assert_eq!((last.bytes.len(), last.original), (HEADERS, HEADERS + bytes.len()));
    assert_eq!(last.comments.last(), Some(&"the file has the first 67108864 bytes only"));
}
