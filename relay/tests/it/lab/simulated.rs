//! The simulated kernel beside real sockets: every lesson, and what happens on a bad wire. Who sends what after what,
//! what each segment acknowledges, the states at rest, what the programs print and how they end are the same.
//!
//! Where they may differ, and what is not compared for that reason:
//!
//! | what | why |
//! | --- | --- |
//! | times | real programs take some 100 µs for what takes 10 µs on the virtual clock, and Linux rounds its timers up to ticks of 4 ms or more |
//! | windows | Linux counts the memory of segments, and lets its buffers grow while a program reads |
//! | PSH | Linux sets it also in the middle of a long `send` |
//! | the order of two connections | their timers fire in the same tick |
//! | both ends' timers at the same time | so there is no case of it here. A SYN-ACK that is lost is sent again when the SYN is, too |
//! | a segment that was delayed for long and arrives when its connection is in TIME_WAIT or newer ones have been answered | the simulated kernel compares no timestamps (PAWS) |
//! | the last ACKs of a long stream with many losses | the simulated receiver delays one more |
//! | lessons 14 and 18a: the segments | they fill the buffers; see windows |
//! | lesson 20b: the segments | what happens to each is drawn by lot, so one segment more changes all that follow |
//! | a run that was held up for 40 ms | then acknowledgements come alone, so a real run has some attempts |
//! | what is sent again because its acknowledgement was late, and the answer that it was there (RFC 2883) | so it is on a busy machine, in any run that is long enough |

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::Range;

use framescope_engine::programs::simulate;
use framescope_lab::{Ended, Event, EventKind, Experiment, Fate, Flags, TcpState, When, variants};
use framescope_syscall::Address;
use futures_util::{StreamExt as _, stream};

use super::client::experiment;
use super::wire::play;
use crate::lesson_command::trace;
use crate::support::TestRelay;

/// How often a real run is made again if it differs.
const ATTEMPTS: usize = 20;

/// The lessons whose segments are not compared.
const OUTCOMES_ONLY: [&str; 5] = ["14a", "14b", "14c", "18a", "20b"];

/// What is compared of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    /// By connection, in the order of their SYNs, the segments.
    segments: Vec<Vec<Line>>,
    /// By program, the states of its sockets at the end.
    states: Vec<Vec<Option<TcpState>>>,
    /// By program, what it has printed.
    printed: Vec<String>,
    /// By program, how it has ended.
    ended: Vec<String>,
}

/// What is compared of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    by: usize,
    flags: String,
    seq: u64,
    /// Where its payload ends in the stream. Its first byte has the sequence number 1.
    end: u64,
    ack: Option<u64>,
    sack: Vec<Range<u64>>,
    repeats: bool,
    fates: Vec<Fate>,
}

impl Line {
    /// Whether it answers that what the other has sent again was there already (RFC 2883).
    fn was_there(&self, again: &Self) -> bool {
        let is_there = |bytes: &Range<u64>| {
            *bytes == (again.seq..again.end + 1) && Some(bytes.end) <= self.ack
        };
        self.by != again.by && again.repeats && self.sack.first().is_some_and(is_there)
    }
}

impl Seen {
    fn new(events: &[Event], programs: usize) -> Self {
        let mut seen = Self {
            segments: Vec::new(),
            states: vec![Vec::new(); programs],
            printed: vec![String::new(); programs],
            ended: vec![String::new(); programs],
        };
        let mut connections: BTreeMap<(Address, Address), usize> = BTreeMap::new();
        // By number, where the line of a segment is.
        let mut lines = Vec::new();
        for event in events {
            match &event.kind {
                EventKind::Segment(one) => {
                    let begins = one.flags.has(Flags::SYN) && !one.flags.has(Flags::ACK);
                    let way = (one.from.min(one.to), one.from.max(one.to));
                    if begins && one.repeats.is_none() {
                        connections.insert(way, seen.segments.len());
                        seen.segments.push(Vec::new());
                    }
                    let connection = connections[&way];
                    let flags = one.flags.to_string().replace("PSH ", "");
                    let by = event.program;
                    let (seq, end, ack) = (one.seq, one.payload.end, one.ack);
                    let (sack, repeats) = (one.sack.clone(), one.repeats.is_some());
                    let fates = Vec::new();
                    let line = Line { by, flags, seq, end, ack, sack, repeats, fates };
                    lines.push((connection, seen.segments[connection].len()));
                    seen.segments[connection].push(line);
                }
                EventKind::Fate(number, fate) if *fate != Fate::Delivered => {
                    let (connection, line) = lines[*number as usize];
                    seen.segments[connection][line].fates.push(*fate);
                }
                EventKind::Sockets(sockets) => {
                    let mut states: Vec<_> = sockets.iter().map(|one| one.state).collect();
                    states.sort_unstable_by_key(|state| state.map(|state| state.to_string()));
                    seen.states[event.program] = states;
                }
                EventKind::Printed(output) => seen.printed[event.program] += &output.text,
                EventKind::Ended(ended) => seen.ended[event.program] = how(ended),
                _ => {}
            }
        }
        for printed in &mut seen.printed {
            *printed = without_chosen(printed);
        }
        seen
    }

    /// Without what was sent again and was there already, and the answers that say so. An answer stays if it is the first
    /// to acknowledge something.
    fn without_what_was_only_late(mut self) -> Self {
        for segments in &mut self.segments {
            while let Some(answer) =
                segments.array_windows().position(|[again, answer]| answer.was_there(again))
            {
                let answer = answer + 1;
                segments[answer].sack.remove(0);
                let last =
                    segments[..answer].iter().rev().find(|line| line.by == segments[answer].by);
                if last == Some(&segments[answer]) {
                    segments.remove(answer);
                }
                segments.remove(answer - 1);
            }
        }
        self
    }

    /// Whether a real run has gone as the model says.
    fn is(&self, expected: &Self) -> bool {
        self == expected || self.clone().without_what_was_only_late() == *expected
    }
}

fn how(ended: &Ended) -> String {
    match ended {
        Ended::Exception(raised) => format!("{}: {}", raised.class, raised.message),
        other => format!("{other:?}"),
    }
}

/// A text without what is chosen anew in each run: ports, and times with their fractions.
fn without_chosen(text: &str) -> String {
    let is_numeric = |one: char| one.is_ascii_digit() || one == '.';
    let is_chosen = |number: &str| {
        let is_time = number.parse::<f64>().is_ok() && number.contains('.');
        is_time || number.parse::<u16>().is_ok_and(|port| port >= 32_768)
    };
    let pieces = text.split_inclusive(|one| !is_numeric(one));
    let shown = pieces.map(|piece| {
        let number = piece.trim_end_matches(|one| !is_numeric(one));
        if is_chosen(number) { piece.replacen(number, "#", 1) } else { piece.to_owned() }
    });
    shown.collect()
}

/// Runs an experiment on the simulated kernel.
fn simulated(experiment: Experiment) -> Vec<Event> {
    let mut events = Vec::new();
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
    events
}

#[test]
fn what_was_sent_again_and_was_there_is_taken_for_late() {
    let line = |by, (seq, end), ack, sack: Option<Range<u64>>, repeats| Line {
        by,
        flags: "ACK".to_owned(),
        seq,
        end,
        ack: Some(ack),
        sack: sack.into_iter().collect(),
        repeats,
        fates: Vec::new(),
    };
    let run = |segments: &[Line]| Seen {
        segments: vec![segments.to_vec()],
        states: Vec::new(),
        printed: Vec::new(),
        ended: Vec::new(),
    };
    let five = line(1, (23, 27), 11, None, false);
    let again = line(1, (23, 27), 11, None, true);
    let known = line(0, (11, 10), 28, None, false);
    let was_there = line(0, (11, 10), 28, Some(23..28), false);
    let was_lost = line(0, (11, 10), 28, Some(28..33), false);
    let expected = run(&[five.clone(), known.clone()]);
    // The acknowledgement was late, or was the answer itself.
    assert!(run(&[five.clone(), known.clone(), again.clone(), was_there.clone()]).is(&expected));
    assert!(run(&[five.clone(), again.clone(), was_there.clone()]).is(&expected));
    // The other has missed it, or has not answered, or the model sends it again too.
    assert!(!run(&[five.clone(), again.clone(), was_lost]).is(&expected));
    assert!(!run(&[five.clone(), known.clone(), again.clone()]).is(&expected));
    assert!(!expected.is(&run(&[five, known, again, was_there])));
}

#[tokio::test]
async fn each_lesson_sends_the_same_segments_as_on_real_sockets() {
    let different = stream::iter(variants()).map(|variant| async move {
        let programs = variant.experiment().programs.len();
        let model = trace(variant, &["--simulated"]).await;
        let expected = Seen::new(&model.events, programs);
        let mut last = None;
        for _ in 0..ATTEMPTS {
            let real = trace(variant, &[]).await;
            let mut seen = Seen::new(&real.events, programs);
            if OUTCOMES_ONLY.contains(&variant.name) {
                seen.segments.clone_from(&expected.segments);
            }
            let same_outcome = variant.varies || variant.outcome(&real) == variant.outcome(&model);
            if same_outcome && seen.is(&expected) {
                return None;
            }
            last = Some(seen);
        }
        Some(format!("lesson {}: real {last:#?}, simulated {expected:#?}", variant.name))
    });
    let different: Vec<_> = different.buffer_unordered(2).filter_map(async |it| it).collect().await;
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// Receives until the stream ends.
const RECEIVES: &str = "import socket
server = socket.create_server(('127.0.0.1', 9527))
conn, peer = server.accept()
count = 0
while True:
    chunk = conn.recv(65536)
    if not chunk: break
    count += len(chunk)
print(count)
conn.close()
";
/// Answers each message.
const ECHOES: &str = "import socket
server = socket.create_server(('127.0.0.1', 9527))
conn, peer = server.accept()
while True:
    chunk = conn.recv(100)
    if not chunk: break
    conn.sendall(chunk)
conn.close()
";
/// Accepts, waits, and closes.
const CLOSES: &str = "import socket, time
server = socket.create_server(('127.0.0.1', 9527))
conn, peer = server.accept()
time.sleep(0.1)
conn.close()
";

const SENDS_THREE: &str = "client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
for text in [b'one', b'two', b'three']: client.sendall(text)
";
const SENDS_FIVE: &str = "client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
for number in range(5): client.send(b'x%d' % number)
";
const SENDS_ONE: &str = "client.sendall(b'x')\nclient.recv(1)\n";
const SENDS_MANY: &str = "client.sendall(b'x' * 14480)\nclient.recv(1)\n";

/// Servers, what their clients do once they are connected, and what happens on the wire.
const ON_A_BAD_WIRE: &[(&str, &str, &str)] = &[
    (RECEIVES, SENDS_THREE, "latency 5ms"),
    (RECEIVES, SENDS_THREE, "latency 5ms, drop data 1"),
    (RECEIVES, SENDS_THREE, "latency 5ms, drop data 2"),
    (RECEIVES, SENDS_THREE, "latency 5ms, drop data 3"),
    (RECEIVES, SENDS_THREE, "latency 5ms, drop data 1-3"),
    (RECEIVES, SENDS_THREE, "latency 5ms, drop ack < 1-2"),
    (RECEIVES, SENDS_THREE, "latency 5ms, duplicate data"),
    (RECEIVES, SENDS_THREE, "latency 5ms, reorder data 1"),
    (RECEIVES, SENDS_THREE, "latency 5ms, delay 30ms data 1"),
    (RECEIVES, SENDS_ONE, "drop data 1"),
    (RECEIVES, SENDS_ONE, "drop data 1-2"),
    (RECEIVES, SENDS_ONE, "drop data 1-3"),
    (RECEIVES, SENDS_ONE, "drop syn > 1"),
    (RECEIVES, SENDS_ONE, "drop ack > 1"),
    (RECEIVES, SENDS_MANY, "drop syn > 1-2"),
    (RECEIVES, SENDS_FIVE, "latency 5ms, drop data 20%, seed 2"),
    (RECEIVES, SENDS_FIVE, "latency 5ms, drop data 20%, seed 3"),
    (RECEIVES, SENDS_FIVE, "latency 5ms, drop 15%, seed 5"),
    (RECEIVES, SENDS_THREE, "latency 300ms, drop data 1"),
    (RECEIVES, SENDS_MANY, "latency 5ms, reorder data"),
    (RECEIVES, "client.sendall(b'x')", "delay 1500ms fin > 1"),
    (RECEIVES, "client.sendall(b'x')", "drop fin > 1"),
    (RECEIVES, "client.sendall(b'x' * 5000)", ""),
    (RECEIVES, "client.sendall(b'x' * 5000)", "mtu 576"),
    (RECEIVES, "client.sendall(b'x' * 5000)", "latency 5ms, drop data 3"),
    (RECEIVES, SENDS_MANY, "latency 5ms, drop data 10"),
    (RECEIVES, "client.sendall(b'x' * 20000)", "latency 5ms, drop data 2, drop data 5"),
    (ECHOES, "for _ in range(3):\n    client.sendall(b'ab')\n    client.recv(2)", "latency 3ms"),
    (
        ECHOES,
        "for _ in range(3):\n    client.sendall(b'ab'); client.sendall(b'cd')\n    client.recv(2); client.recv(2)",
        "latency 3ms",
    ),
    (CLOSES, "", "latency 20ms"),
    (CLOSES, "client.sendall(b'x')\ntime.sleep(0.3)", ""),
    (CLOSES, "client.sendall(b'x')\ntime.sleep(0.3)", "drop rst 1"),
    (CLOSES, "time.sleep(0.2)\nclient.sendall(b'x')\ntime.sleep(0.1)", ""),
    (ECHOES, "client.shutdown(socket.SHUT_WR)\nclient.recv(1)", "latency 5ms"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_wire_has_the_same_consequences_as_between_real_sockets() {
    let relay = TestRelay::start().await;
    let relay = &relay;
    let different = stream::iter(ON_A_BAD_WIRE).map(|(server, body, wire)| async move {
        let client = format!(
            "import socket, time\nclient = socket.create_connection(('127.0.0.1', 9527))\n{body}\nclient.close()\n"
        );
        let mut pair = experiment(&[server, &client]);
        pair.starts[1].when = When::Listening(9527);
        pair.wire = wire.parse().expect("it is a wire");
        let expected = Seen::new(&simulated(pair.clone()), 2);
        let mut last = None;
        for _ in 0..ATTEMPTS {
            let seen = Seen::new(&play(relay, pair.clone()).await, 2);
            if seen.is(&expected) {
                return None;
            }
            last = Some(seen);
        }
        Some(format!("{wire}, {body}: real {last:#?}, simulated {expected:#?}"))
    });
    let different: Vec<_> = different.buffer_unordered(4).filter_map(async |it| it).collect().await;
    assert!(different.is_empty(), "{}", different.join("\n"));
}
