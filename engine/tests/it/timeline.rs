//! What is shown of runs on the simulated kernel.

use std::convert::Infallible;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use framescope_engine::programs::{Session, settle};
use framescope_engine::sockets::SimulatedKernel;
use framescope_lab::{
    Columns, Command, Crossing, Doing, Ended, Event, EventKind, Fate, Report, Socket, TcpState,
    Timeline, Trace, Until, find_variant,
};
use framescope_record::{Direction, Record, Rest};
use framescope_syscall::{Address, BlockedOn, Fd, Returned, Syscall, Wait};

use crate::stepping::experiment;

const SERVER: &str = "\
import socket
server = socket.socket()
server.bind(('127.0.0.1', 9527))
server.listen(5)
conn, addr = server.accept()
print(conn.recv(7))
conn.close()
";

const CLIENT: &str = "\
import socket
client = socket.socket()
client.connect(('127.0.0.1', 9527))
client.sendall(b'hello')
client.sendall(b'hello')
client.close()
";

/// The events of a run that obeys these commands, and their timeline.
fn run(texts: &[&str], commands: &[Command]) -> (Vec<Event>, Timeline) {
    let experiment = experiment(texts);
    let mut timeline = Timeline::new(&experiment);
    let mut session = Session::new(SimulatedKernel::new);
    let mut events: Vec<Event> = Vec::new();
    for command in [&[Command::Load(experiment)], commands].concat() {
        session.command(command);
        let settled: Result<(), Infallible> = settle(&mut session, |_| Ok(()));
        settled.expect("nothing stops it");
        for report in session.take_reports() {
            if let Report::Events(more) = report {
                events.extend(more);
            }
        }
    }
    for event in &events {
        timeline.push(event);
    }
    (events, timeline)
}

fn recorded(lesson: &str) -> Trace {
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lab/lessons");
    let paths = fs::read_dir(folders).expect("the lessons are there");
    let mut paths = paths.map(|entry| entry.expect("the folder can be read").path());
    let is_lesson = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.trim_start_matches('0').starts_with(&format!("{lesson}-"))
    };
    let folder = paths.find(is_lesson).expect("there is such a lesson");
    let json = fs::read_to_string(folder.join("recorded.json")).expect("it is recorded");
    Trace::from_json(&json).expect("a recorded trace is one")
}

fn played(texts: &[&str]) -> (Vec<Event>, Timeline) {
    run(texts, &[Command::Play])
}

#[test]
fn a_flow_has_what_was_sent_and_what_was_received() {
    let (_, timeline) = played(&[SERVER, CLIENT]);
    let [connection] = timeline.connections() else { panic!("{:?}", timeline.connections()) };
    assert_eq!((connection.client, connection.server), (Some(1), Some(0)));
    assert_eq!(connection.server_address.port, 9527);
    let [to_server, to_client] = timeline.flows() else { panic!("{:?}", timeline.flows()) };
    assert_eq!((to_server.from, to_server.to), (Some(1), Some(0)));
    assert!(!to_client.has_bytes());
    let bytes = |direction, range| to_server.record.stream(direction).bytes(range);
    assert_eq!(bytes(Direction::Sent, 0..100), b"hellohello");
    let received = to_server.record.stream(Direction::Received).end();
    assert!((5..=7).contains(&received), "{received}");
}

#[test]
fn many_clients_have_a_connection_each_in_the_order_of_their_connects() {
    let server = SERVER.replace(
        "conn, addr = server.accept()\n",
        "conn, addr = server.accept()\nother, addr = server.accept()\nother.sendall(b'second')\n",
    );
    let (_, timeline) = played(&[&server, CLIENT, CLIENT]);
    let clients: Vec<_> = timeline.connections().iter().map(|one| one.client).collect();
    assert_eq!(clients.len(), 2);
    assert!(clients.contains(&Some(1)) && clients.contains(&Some(2)), "{clients:?}");
    let sent = |flow: &framescope_lab::Flow| flow.record.stream(Direction::Sent).end();
    assert_eq!(timeline.flows().iter().map(sent).collect::<Vec<_>>(), [10, 0, 10, 6]);
}

#[test]
fn a_send_that_waits_shows_what_the_kernel_has_taken() {
    let server = "import socket, time\ns = socket.create_server(('127.0.0.1', 9527))\nc, a = s.accept()\ntime.sleep(1)\nwhile c.recv(65536): pass\n";
    let client = "import socket\nc = socket.create_connection(('127.0.0.1', 9527))\nc.sendall(b'x' * 4000000)\n";
    let (events, timeline) = played(&[server, client]);
    let flow = &timeline.flows()[0];
    let waits = |event: &Event| event.kind == EventKind::Blocked(BlockedOn::BufferSpace);
    assert!(events.iter().any(waits));
    let reads = |event: &Event| matches!(event.kind, EventKind::Returned(Returned::Received(_)));
    let reads = events.iter().position(reads).expect("the server reads");
    let sleeps = flow.record.moment(Some(reads));
    assert!(sleeps.end(Direction::Sent) > 100_000, "{}", sleeps.end(Direction::Sent));
    assert_eq!(sleeps.end(Direction::Received), 0);
    for number in 1..events.len() {
        let is_report = |index: usize| matches!(events[index].kind, EventKind::Sockets(_));
        if is_report(number) || !is_report(number - 1) {
            continue;
        }
        // All reports are in: they say what the kernels have.
        let socket = |program: usize, is_wanted: fn(&Socket) -> bool| {
            let sockets = timeline.program(program).sockets(&events, number);
            sockets.iter().copied().find(is_wanted)
        };
        let server = socket(0, |one| one.peer.is_some() && one.fd.is_some());
        let client = socket(1, |one| one.peer.is_some());
        let Some((server, client)) = server.zip(client) else { continue };
        let kept = server.unread.zip(client.unacknowledged).map_or(0, |(one, other)| one + other);
        let moment = flow.record.moment(Some(number));
        let taken = moment.end(Direction::Received) + u64::from(kept);
        let sent = moment.end(Direction::Sent);
        assert!(sent <= taken, "{sent} bytes after {number} events, and the kernels say {taken}");
    }
    let last = flow.record.moment(None);
    assert_eq!(last.end(Direction::Sent), 4_000_000);
    assert_eq!(last.end(Direction::Received), 4_000_000);
}

#[test]
fn the_header_of_a_flow_is_what_the_programs_pack() {
    let server = SERVER.replace("conn.recv(7)", "struct.unpack('i', conn.recv(4))");
    let client = CLIENT.replace("sendall(b'hello')", "sendall(struct.pack('i', 5) + b'hello')");
    let (_, timeline) =
        played(&[&format!("import struct\n{server}"), &format!("import struct\n{client}")]);
    assert_eq!(timeline.flows()[0].header.map(|header| header.to_string()).as_deref(), Some("i"));
    assert_eq!(played(&[SERVER, CLIENT]).1.flows()[0].header, None);
}

#[test]
fn a_program_that_reads_right_has_no_bad_header_at_any_moment_of_its_tape() {
    for name in ["20a", "20b", "6b", "7b"] {
        let trace = recorded(name);
        let mut timeline = Timeline::new(&trace.experiment);
        for event in &trace.events {
            timeline.push(event);
            for flow in timeline.flows().iter().filter(|flow| flow.header.is_some()) {
                for direction in [Direction::Sent, Direction::Received] {
                    let stream = flow.record.stream(direction);
                    let rest = stream.rest(stream.end());
                    assert!(!matches!(rest, Rest::Broken { .. }), "lesson {name}: {rest:?}");
                }
            }
        }
        let is_framed = timeline.flows()[0].header.is_some();
        // In lesson 20 a header says how long a second header is, and that one how long the file is.
        assert_eq!(is_framed, !name.starts_with("20"), "lesson {name}");
    }
}

#[test]
fn a_header_that_the_reader_took_wrong_frames_the_flow_all_the_same() {
    for name in ["6a", "7a", "8a", "8b", "9a", "9b", "9c", "11b", "12a", "12b", "12c"] {
        let trace = recorded(name);
        let mut timeline = Timeline::new(&trace.experiment);
        timeline.extend(&trace.events);
        assert!(timeline.flows()[0].header.is_some(), "lesson {name}");
    }
}

#[test]
fn a_reader_that_asks_for_as_much_as_there_is_leaves_it_to_the_sends_where_headers_are() {
    let server = "import struct\n".to_owned()
        + &SERVER
            .replace("print(conn.recv(7))", "data = conn.recv(1024)\nstruct.unpack('i', data[:4])");
    let client = |sends: &str| format!("import struct\n{}", CLIENT.replace("b'hello'", sends));
    let header = |sends| played(&[&server, &client(sends)]).1.flows()[0].header;
    assert!(header("struct.pack('i', 2) + b'hi' + struct.pack('i', 1) + b'x'").is_some());
    assert_eq!(header("struct.pack('i', 2) + b'hi' + b'and a text without a header'"), None);
}

#[test]
fn each_step_is_one_moment_and_a_call_that_waits_has_one_more() {
    let next = || Command::StepNext(Until::Call);
    let (events, timeline) = run(&[SERVER, CLIENT], &[next(), next(), next(), next()]);
    assert_eq!(timeline.moments().len(), 5, "{events:?}");
    let (_, timeline) = played(&[SERVER, CLIENT]);
    let rungs = timeline.rungs().len();
    assert!(timeline.moments().len() > rungs, "{rungs}");
}

#[test]
fn a_program_is_shown_where_it_is_at_each_moment() {
    let step =
        |program| Command::Step(framescope_lab::Turn { program, thread: 0, until: Until::Call });
    let steps = [step(0), step(0), step(0), step(0)];
    let (events, timeline) = run(&[SERVER, CLIENT], &steps);
    let server = timeline.program(0);
    assert!(!timeline.program(1).has_begun(events.len()));
    let state = server.thread(&events, events.len(), 0).expect("it has begun");
    assert_eq!(state.line, 5);
    assert!(
        matches!(state.doing, Doing::Waits(Syscall::Accept { .. }, BlockedOn::Client)),
        "{state:?}"
    );
    let names: Vec<&str> = state.variables.iter().map(|one| one.name.as_str()).collect();
    assert!(names.contains(&"server"), "{names:?}");
    let sockets = server.sockets(&events, events.len());
    assert_eq!(sockets.iter().map(|one| one.state).collect::<Vec<_>>(), [Some(TcpState::Listen)]);
    let second = timeline.moments()[1];
    assert_eq!(server.thread(&events, second, 0).map(|state| state.line), Some(3));
    assert_eq!(server.sockets(&events, second).len(), 1);
}

#[test]
fn the_ladder_has_every_segment() {
    let (events, timeline) = played(&[SERVER, CLIENT]);
    let is_segment = |event: &&Event| matches!(event.kind, EventKind::Segment(_));
    let segments = events.iter().filter(is_segment).count();
    let crossings = timeline.rungs().iter().filter_map(|rung| rung.crossing);
    assert!(crossings.eq((0..u32::try_from(segments).unwrap()).map(Crossing::Segment)));
}

#[test]
fn the_rung_of_an_accept_stands_where_the_call_has_returned() {
    // In the first lesson `accept` is called after `connect` has returned. In the second one it waits.
    for (name, waits) in [("1a", false), ("4a", true)] {
        let trace = crate::lessons::played(find_variant(name).expect("there is this lesson"));
        let mut timeline = Timeline::new(&trace.experiment);
        for event in &trace.events {
            timeline.push(event);
        }
        let find = |is: fn(&EventKind) -> bool| trace.events.iter().position(|one| is(&one.kind));
        let called = find(|kind| matches!(kind, EventKind::Called(Syscall::Accept { .. }, _)));
        let blocked = find(|kind| *kind == EventKind::Blocked(BlockedOn::Client));
        let returned = find(|kind| matches!(kind, EventKind::Returned(Returned::Accepted { .. })));
        let rungs = timeline.rungs().iter().filter(|rung| rung.call == called);
        let expected = [blocked, returned];
        assert_eq!(
            rungs.map(|rung| Some(rung.event)).collect::<Vec<_>>(),
            expected[usize::from(!waits)..]
        );
        assert_eq!(blocked.is_some(), waits, "lesson {name}");
    }
}

#[test]
fn without_segments_the_ladder_has_what_each_call_sent_to_the_other_side() {
    let (mut events, _) = played(&[SERVER, CLIENT]);
    events.retain(|event| !matches!(event.kind, EventKind::Segment(_) | EventKind::Fate(..)));
    let mut timeline = Timeline::new(&experiment(&[SERVER, CLIENT]));
    for event in &events {
        timeline.push(event);
    }
    let crossings: Vec<_> = timeline
        .rungs()
        .iter()
        .filter_map(|rung| Some((events[rung.event].program, rung.crossing?)))
        .collect();
    assert_eq!(
        crossings,
        [
            (1, Crossing::Handshake),
            (1, Crossing::Bytes(5)),
            (1, Crossing::Bytes(5)),
            (1, Crossing::Fin),
            // The last bytes were not read.
            (0, Crossing::Reset),
        ]
    );
}

#[test]
fn a_program_that_fails_has_a_rung_with_its_exception() {
    let (events, timeline) = played(&[CLIENT]);
    let last = timeline.rungs().last().expect("it has rungs");
    assert!(matches!(
        &events[last.event].kind,
        EventKind::Ended(Ended::Exception(exception)) if exception.errno == Some(111)
    ));
    assert_eq!(timeline.program(0).ended_at(&events, events.len()), 3);
    assert!(timeline.flows().iter().all(|flow| !flow.has_bytes()));
}

#[test]
fn events_that_come_in_parts_show_what_they_show_one_by_one() {
    for name in ["4a", "12a", "19a"] {
        let trace = crate::lessons::played(find_variant(name).expect("there is this lesson"));
        let mut one_by_one = Timeline::new(&trace.experiment);
        for event in &trace.events {
            one_by_one.push(event);
        }
        let mut in_parts = Timeline::new(&trace.experiment);
        for part in trace.events.chunks(7) {
            in_parts.extend(part);
        }
        assert_eq!(in_parts.moments(), one_by_one.moments());
        assert_eq!(in_parts.rungs(), one_by_one.rungs());
        assert_eq!(in_parts.connections(), one_by_one.connections());
        assert_eq!(in_parts.first_used_flow(), one_by_one.first_used_flow());
        for (in_parts, one_by_one) in in_parts.flows().iter().zip(one_by_one.flows()) {
            for number in 0..=trace.events.len() {
                let moment = |record: &Record| record.moment(Some(number));
                assert_eq!(moment(&in_parts.record), moment(&one_by_one.record), "lesson {name}");
            }
        }
    }
}

#[test]
fn each_accept_takes_the_newest_connection_of_its_client_that_no_other_has_taken() {
    let peer = Address { ip: Ipv4Addr::LOCALHOST, port: 50_000 };
    let accept = |fd| {
        let call = Syscall::Accept { fd: Fd(3), wait: Wait::Forever };
        [
            EventKind::Called(call, Columns::default()),
            EventKind::Returned(Returned::Accepted { fd: Fd(fd), peer }),
        ]
    };
    let mut timeline = Timeline::new(&experiment(&[SERVER]));
    for kind in [accept(4), accept(5)].concat() {
        timeline.push(&Event { at: 0, program: 0, thread: 0, line: 1, kind });
    }
    assert_eq!(timeline.connections().len(), 2, "nobody has seen them connect");
    assert!(timeline.connections().iter().all(|one| one.client_address == peer));
}

#[test]
fn the_wire_holds_a_segment_until_its_last_fate_is_another() {
    let trace = crate::lessons::played(find_variant("4a").expect("there is this lesson"));
    let mut timeline = Timeline::new(&trace.experiment);
    timeline.extend(&trace.events);
    assert!(!timeline.holds());
    for (fate, holds) in [
        (Fate::Held, true),
        (Fate::Copied, true),
        (Fate::Delivered, false),
        (Fate::Held, true),
        (Fate::Dropped, false),
    ] {
        let kind = EventKind::Fate(0, fate);
        timeline.push(&Event { at: 0, program: 0, thread: 0, line: 0, kind });
        assert_eq!(timeline.holds(), holds, "{fate:?}");
    }
}
