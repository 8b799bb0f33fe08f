//! The segments of the simulated kernel: what is sent after what, and when. The values are those that were measured
//! between real sockets, on Linux 6.18.

use framescope_engine::programs::simulate;
use framescope_lab::{
    Event, EventKind, Experiment, Fate, Program, Segment, SegmentClass, Start, TcpState, When,
    WireAction, WireRule, WireSetup,
};
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

/// Receives until the stream ends.
const RECEIVES: &str = "import socket
server = socket.create_server(('127.0.0.1', 9527))
conn, peer = server.accept()
count = 0
while True:
    chunk = conn.recv(4096)
    if not chunk: break
    count += len(chunk)
print(count)
conn.close()
";

/// A client that does this once it is connected, and then closes.
fn client(body: &str) -> String {
    format!(
        "import socket, time\nclient = socket.create_connection(('127.0.0.1', 9527))\n{body}\nclient.close()\n"
    )
}

/// A server with a small receive buffer that does this with its connection.
fn with_small_window(body: &str) -> String {
    format!(
        "import socket, time\nserver = socket.socket()\nserver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)\nserver.bind(('127.0.0.1', 9527))\nserver.listen()\nconn, peer = server.accept()\n{body}\n"
    )
}

/// A client that sends three messages, without Nagle's algorithm.
fn sends_three() -> String {
    client(
        "client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)\nfor text in [b'one', b'two', b'three']: client.sendall(text)",
    )
}

/// A server and clients, on a wire that is described in words. The clients start once the server listens.
fn experiment(server: &str, clients: &[String], wire: &str) -> Experiment {
    let texts = [server].into_iter().chain(clients.iter().map(String::as_str));
    let programs = texts.enumerate().map(|(index, text)| Program {
        name: format!("program{index}"),
        file: format!("program{index}.py"),
        text: text.to_owned(),
        ..Program::default()
    });
    let when = |program| if program == 0 { When::AtOnce } else { When::Listening(9527) };
    let starts = (0..=clients.len()).map(|program| Start { program, when: when(program) });
    let wire = wire.parse().expect("it is a wire");
    let (programs, starts) = (programs.collect(), starts.collect());
    Experiment { programs, starts, wire, ..Experiment::default() }
}

/// What happens in a run, and what the first program prints.
pub(crate) fn run(experiment: Experiment) -> (Vec<Event>, String) {
    let mut events: Vec<Event> = Vec::new();
    let programs = simulate::<Infallible>(
        experiment,
        |programs| {
            events.extend(programs.take_events());
            Ok(())
        },
        |_| Ok(None),
    );
    let Ok(mut programs) = programs;
    events.extend(programs.take_events());
    let printed = programs.printed(0).0.to_owned();
    (events, printed)
}

/// Each segment in a line: the milliseconds since the first one, its direction, and what its header says. One that was
/// lost ends with `lost`.
fn lines(events: &[Event]) -> Vec<String> {
    let mut first = None;
    let mut lines: Vec<String> = Vec::new();
    for event in events {
        match &event.kind {
            EventKind::Segment(segment) => {
                let first = *first.get_or_insert(event.at);
                lines.push(format!("{} {}", (event.at - first) / 1000, line(segment)));
            }
            EventKind::Fate(number, Fate::Dropped) => lines[*number as usize] += " lost",
            _ => {}
        }
    }
    lines
}

fn line(segment: &Segment) -> String {
    let direction = if segment.to.port == 9527 { '>' } else { '<' };
    let mut words = vec![direction.to_string(), segment.flags.to_string().replace("PSH ", "")];
    if segment.length() > 0 {
        words.push(format!("{}:{}", segment.seq, segment.seq + segment.length()));
    }
    words.extend(segment.ack.map(|ack| format!("ack {ack}")));
    words.extend(segment.sack.iter().map(|range| format!("sack {}:{}", range.start, range.end)));
    words.join(" ")
}

/// The segments between a server and a client, on a wire that is described in words.
fn between(server: &str, client: &str, wire: &str) -> Vec<String> {
    lines(&run(experiment(server, &[client.to_owned()], wire)).0)
}

/// Those from the one on that is `skip` after the first one.
fn after(skip: usize, lines: &[String]) -> Vec<&str> {
    lines.iter().skip(skip).map(String::as_str).collect()
}

#[test]
fn a_connection_begins_with_three_segments_and_ends_with_three() {
    let lines = between(RECEIVES, &client("client.sendall(b'hello')"), "");
    assert_eq!(
        lines,
        [
            "0 > SYN",
            "0 < SYN ACK ack 1",
            "0 > ACK ack 1",
            "0 > ACK 1:6 ack 1",
            "0 < ACK ack 6",
            "0 > FIN ACK ack 1",
            "0 < FIN ACK ack 7",
            "0 > ACK ack 2",
        ]
    );
}

#[test]
fn nagle_s_algorithm_merges_what_is_sent_before_the_first_segment_is_acknowledged() {
    let sends = client("for text in [b'one', b'two', b'three']: client.sendall(text)");
    let lines = between(RECEIVES, &sends, "latency 5ms");
    // The FIN does not wait for the acknowledgement, so the last bytes go with it.
    assert_eq!(after(3, &lines)[..2], ["10 > ACK 1:4 ack 1", "10 > FIN ACK 4:12 ack 1"]);
}

#[test]
fn a_segment_that_is_missing_is_sent_again_when_sack_tells() {
    let lines = between(RECEIVES, &sends_three(), "latency 5ms, drop data 1");
    assert_eq!(
        after(3, &lines),
        [
            "10 > ACK 1:4 ack 1 lost",
            "10 > ACK 4:7 ack 1",
            "10 > ACK 7:12 ack 1",
            "10 > FIN ACK ack 1",
            "15 < ACK ack 1 sack 4:7",
            "15 < ACK ack 1 sack 4:12",
            "15 < ACK ack 1 sack 4:13",
            "20 > ACK 1:4 ack 1",
            "25 < ACK ack 13",
            "25 < FIN ACK ack 13",
            "30 > ACK ack 2",
        ]
    );
}

#[test]
fn a_sole_segment_that_is_lost_is_sent_again_by_the_timer_which_then_doubles() {
    let sends = client("client.sendall(b'x')\nclient.recv(1)");
    let lines = between(RECEIVES, &sends, "drop data 1-4");
    let sent: Vec<&str> = after(3, &lines);
    assert_eq!(
        sent[..6],
        [
            "0 > ACK 1:2 ack 1 lost",
            "204 > ACK 1:2 ack 1 lost",
            "408 > ACK 1:2 ack 1 lost",
            "816 > ACK 1:2 ack 1 lost",
            "1632 > ACK 1:2 ack 1",
            "1632 < ACK ack 2",
        ]
    );
}

#[test]
fn segments_that_are_all_lost_are_sent_again_in_one() {
    let sends = sends_three().replace("client.close()", "client.recv(1)");
    let lines = between(RECEIVES, &sends, "drop data 1-4");
    let again: Vec<&str> =
        lines.iter().map(String::as_str).filter(|line| line.contains("> ACK 1:12")).collect();
    assert_eq!(again.len(), 1, "{lines:#?}");
}

#[test]
fn a_syn_is_sent_again_each_second_at_first() {
    let lines = between(RECEIVES, &client(""), "drop syn > 1-6");
    let syns: Vec<&str> = lines
        .iter()
        .map(String::as_str)
        .filter(|line| line.ends_with("> SYN lost") || line.ends_with("> SYN"))
        .collect();
    assert_eq!(
        syns,
        [
            "0 > SYN lost",
            "1000 > SYN lost",
            "2000 > SYN lost",
            "3000 > SYN lost",
            "4000 > SYN lost",
            "5000 > SYN lost",
            "7000 > SYN"
        ]
    );
}

#[test]
fn a_full_accept_queue_drops_syns_until_an_accept() {
    let server = "import socket, time
server = socket.create_server(('127.0.0.1', 9527), backlog=1)
time.sleep(1.5)
for _ in range(4): server.accept()
";
    let clients: Vec<String> = std::iter::repeat_with(|| client("time.sleep(9)")).take(4).collect();
    let (events, _) = run(experiment(server, &clients, ""));
    let lines = lines(&events);
    let of = |text: &str| -> Vec<&str> {
        lines.iter().filter_map(|line| line.strip_suffix(text)).collect()
    };
    assert_eq!(of(" > SYN"), ["0", "0", "0", "0", "1000", "1000", "2000", "2000"]);
    assert_eq!(of(" < SYN ACK ack 1"), ["0", "0", "2000", "2000"]);
}

#[test]
fn a_closed_window_is_probed_until_a_recv_opens_it() {
    let server = with_small_window("time.sleep(1)\nwhile conn.recv(4096): pass");
    let (events, _) = run(experiment(&server, &[client("client.sendall(b'x' * 9000)")], ""));
    let windows: Vec<u32> = events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Segment(one) if one.from.port == 9527 => Some(one.window),
            _ => None,
        })
        .collect();
    assert_eq!(windows[..5], [2896, 1448, 0, 0, 2896], "{windows:?}");
    let lines = lines(&events);
    // A probe has a number that was acknowledged. Such a segment has no second answer within half a second.
    let probes: Vec<&str> = after(7, &lines)[..3].to_vec();
    assert_eq!(probes, ["204 > ACK ack 1", "204 < ACK ack 2897", "612 > ACK ack 1"]);
    let opens = lines.iter().find(|line| line.starts_with("1000 <")).unwrap();
    assert!(opens.ends_with("< ACK ack 2897"), "{opens}");
}

#[test]
fn two_sends_and_a_reply_take_40_ms_from_the_second_time_on() {
    let server = "import socket
server = socket.create_server(('127.0.0.1', 9527))
conn, peer = server.accept()
while True:
    count = 0
    while count < 4:
        chunk = conn.recv(4 - count)
        if not chunk: raise SystemExit
        count += len(chunk)
    conn.sendall(b'reply')
";
    let sends = client(
        "for _ in range(3):\n    client.sendall(b'ab')\n    client.sendall(b'cd')\n    client.recv(5)",
    );
    let lines = between(server, &sends, "");
    let replies: Vec<&str> = lines
        .iter()
        .filter(|line| line.contains("< ACK") && line.contains(':'))
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(replies, ["0", "40", "80"]);
}

#[test]
fn a_half_close_leaves_the_other_direction_open() {
    let server = "import socket
server = socket.create_server(('127.0.0.1', 9527))
conn, peer = server.accept()
while conn.recv(100): pass
conn.sendall(b'late')
conn.close()
";
    let sends = client("client.shutdown(socket.SHUT_WR)\nwhile client.recv(100): pass");
    assert_eq!(
        after(3, &between(server, &sends, "")),
        [
            "0 > FIN ACK ack 1",
            "0 < ACK 1:5 ack 2",
            "0 > ACK ack 5",
            "0 < FIN ACK ack 2",
            "0 > ACK ack 6",
        ]
    );
}

#[test]
fn a_close_with_unread_bytes_is_a_reset_and_so_is_the_answer_to_bytes_for_nobody() {
    let server = "import socket, time
server = socket.create_server(('127.0.0.1', 9527))
conn, peer = server.accept()
time.sleep(0.1)
conn.close()
";
    let unread = client("client.sendall(b'x')\ntime.sleep(0.2)");
    let lines = between(server, &unread, "");
    assert!(lines.contains(&"100 < RST ACK ack 2".to_owned()), "{lines:#?}");
    let late = client("time.sleep(0.2)\nclient.sendall(b'x')\ntime.sleep(0.1)");
    let lines = between(server, &late, "");
    assert_eq!(
        after(3, &lines)[..4],
        ["100 < FIN ACK ack 1", "104 > ACK ack 2", "200 > ACK 1:2 ack 2", "200 < RST"]
    );
}

#[test]
fn a_connect_to_a_port_without_a_listener_is_answered_with_a_reset() {
    let (events, _) = run(Experiment {
        programs: vec![Program { text: client(""), ..Program::default() }],
        starts: vec![Start { program: 0, when: When::AtOnce }],
        ..Experiment::default()
    });
    assert_eq!(lines(&events), ["0 > SYN", "0 < RST ACK ack 1"]);
}

#[test]
fn the_largest_segment_is_that_of_the_mtu() {
    let lengths = |wire: &str| -> Vec<u64> {
        let (events, _) = run(experiment(RECEIVES, &[client("client.sendall(b'x' * 2000)")], wire));
        let segments = events.iter().filter_map(|event| match &event.kind {
            EventKind::Segment(segment) if segment.length() > 0 => Some(segment.length()),
            _ => None,
        });
        segments.collect()
    };
    assert_eq!(lengths(""), [1448, 552]);
    assert_eq!(lengths("mtu 576"), [524, 524, 524, 428]);
}

#[test]
fn on_any_bad_wire_the_output_is_whole() {
    let classes = [
        SegmentClass::Any,
        SegmentClass::Data,
        SegmentClass::Ack,
        SegmentClass::Fin,
        SegmentClass::Syn,
    ];
    let mut repeated = 0;
    for seed in 0..300 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut rule = |action| WireRule {
            direction: None,
            class: classes[random.usize(..classes.len())],
            skip: random.u32(..4),
            count: Some(random.u32(1..20)),
            permille: random.u16(1..400),
            action,
        };
        let rules = vec![
            rule(WireAction::Reorder),
            rule(WireAction::Duplicate),
            rule(WireAction::Delay(5000)),
            rule(WireAction::Delay(300_000)),
            rule(WireAction::Drop),
        ];
        let sends =
            client("for number in range(20): client.sendall(b'x' * (1 + 400 * (number % 5)))");
        let mut experiment = experiment(RECEIVES, &[sends], "");
        experiment.wire =
            WireSetup { mtu: random.u16(576..1500), latency_us: random.u64(..20_000), seed, rules };
        let wire = experiment.wire.clone();
        let (events, printed) = run(experiment);
        assert_eq!(printed, "16020\n", "seed {seed}, {wire:?}: {:#?}", lines(&events));
        let is_repeat = |event: &&Event| matches!(&event.kind, EventKind::Segment(one) if one.repeats.is_some());
        repeated += events.iter().filter(is_repeat).count();
    }
    assert!(repeated > 300, "{repeated}");
}

#[test]
fn on_a_slow_wire_everything_has_arrived_when_the_run_is_over() {
    for wire in ["latency 2s", "delay 7s fin > 1"] {
        let (events, printed) =
            run(experiment(RECEIVES, &[client("client.sendall(b'hello')")], wire));
        assert_eq!(printed, "5\n");
        let mut travelling: BTreeSet<u32> = BTreeSet::new();
        let mut states = BTreeMap::new();
        for event in &events {
            match &event.kind {
                EventKind::Segment(segment) => drop(travelling.insert(segment.number)),
                EventKind::Fate(number, _) => drop(travelling.remove(number)),
                EventKind::Sockets(sockets) => drop(
                    states.insert(event.program, sockets.iter().map(|one| one.state).collect()),
                ),
                _ => {}
            }
        }
        assert!(travelling.is_empty(), "{wire}: {travelling:?}");
        let states: Vec<Vec<_>> = states.into_values().collect();
        assert_eq!(states.concat(), [Some(TcpState::TimeWait)], "{wire}");
    }
}

#[test]
fn a_peer_without_a_window_is_probed_as_long_as_it_answers() {
    let server = with_small_window(
        "time.sleep(150)
count = 0
while True:
    chunk = conn.recv(4096)
    if not chunk: break
    count += len(chunk)
print(count)",
    );
    let closes = client("client.setblocking(False)\ncount = client.send(b'x' * 9000)");
    let (_, printed) = run(experiment(&server, &[closes], ""));
    assert_eq!(printed, "9000\n");
}

#[test]
fn no_packet_is_longer_than_the_mtu_even_if_it_has_ranges_of_sack() {
    let sends = "one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
one.setblocking(False)
one.send(b'x' * 300000)
time.sleep(5)
";
    let server = format!(
        "import socket, time\nserver = socket.create_server(('127.0.0.1', 9527))\none, peer = server.accept()\n{sends}"
    );
    let client = format!(
        "import socket, time\none = socket.create_connection(('127.0.0.1', 9527))\n{sends}"
    );
    // Each side is told of a gap and leaves one, so what it sends again has ranges of SACK too.
    let wire = "latency 5ms, drop data 9 >, drop data 1 <";
    let (events, _) = run(experiment(&server, std::slice::from_ref(&client), wire));
    let segments = events.iter().filter_map(|event| match &event.kind {
        EventKind::Segment(segment) => Some(segment),
        _ => None,
    });
    let with_sack = segments.filter(|one| !one.sack.is_empty() && one.length() > 0);
    let packets: Vec<_> = with_sack
        .map(|one| {
            // With timestamps. The option SACK comes after two bytes that align it: RFC 7323, appendix A.
            let headers = 52 + 4 + 8 * one.sack.len() as u64;
            (headers + one.length(), one.repeats.is_some())
        })
        .collect();
    for repeats in [false, true] {
        let longest = packets.iter().filter(|one| one.1 == repeats).map(|one| one.0).max();
        assert!(longest.is_some_and(|length| length <= 1500), "{packets:?}");
    }
}
