//! What the lab keeps of runs of Python programs, and what page and runner say to each other.

use std::net::Ipv4Addr;

use framescope_engine::programs::simulate;
use framescope_lab::{
    Columns, Command, CommandError, Event, EventKind, Experiment, Fate, Flags, MAX_TEXT,
    OutOfBounds, Program, Report, RunEnd, Segment, SegmentClass, Socket, Start, SynOptions,
    Timeline, Trace, TraceError, Turn, Until, When, WireAction, WireDirection, WireRule, WireSetup,
    capture_file,
};
use framescope_record::{Direction, Source};
use framescope_syscall::{Address, BlockedOn, Data, Fd, Returned, Syscall, Wait};

fn experiment() -> Experiment {
    let program = |name: &str, text: &str| Program {
        name: name.to_owned(),
        file: format!("{name}.py"),
        text: text.to_owned(),
        ..Program::default()
    };
    let server = "\
import socket
s = socket.socket()
s.bind(('127.0.0.1', 9527))
s.listen(1)
c, a = s.accept()
print(c.recv(100), c.recv(100))
";
    let client = "\
import socket, time
s = socket.socket()
s.connect(('127.0.0.1', 9527))
s.sendall('你好'.encode())
time.sleep(1)
";
    let rule = WireRule {
        direction: Some(WireDirection::ToServer),
        class: SegmentClass::Data,
        skip: 1,
        count: Some(2),
        permille: 500,
        action: WireAction::Delay(2000),
    };
    Experiment {
        programs: vec![program("server", server), program("client", client)],
        starts: (0..2).map(|program| Start { program, when: When::Settled }).collect(),
        order: vec![Turn { program: 0, thread: 0, until: Until::Line }],
        wire: WireSetup { latency_us: 500, rules: vec![rule], ..WireSetup::default() },
        watched: false,
    }
}

fn trace() -> Trace {
    let experiment = experiment();
    let mut events: Vec<Event> = Vec::new();
    let programs = simulate::<()>(
        experiment.clone(),
        |programs| {
            events.extend(programs.take_events());
            Ok(())
        },
        |_| Ok(None),
    );
    events.extend(programs.expect("nobody stops it").take_events());
    let mut trace = Trace::new(Source::Simulated, experiment);
    trace.events = events;
    trace.end = Some(RunEnd::Finished);
    trace
}

#[test]
fn a_trace_is_read_as_it_was_written() {
    let trace = trace();
    assert!(trace.events.len() > 20);
    let json = trace.to_json();
    assert!(json.starts_with("{\"version\":2,"));
    assert!(json.contains("{\"received\":\"e4bda0e5a5bd\"}"), "{json}");
    assert_eq!(Trace::from_json(&json).as_ref(), Ok(&trace));
}

#[test]
fn a_trace_that_cannot_have_happened_is_refused() {
    let json = trace().to_json();
    assert!(matches!(Trace::from_json("[]"), Err(TraceError::Json(_))));
    let old = json.replacen("\"version\":2", "\"version\":1", 1);
    assert_eq!(Trace::from_json(&old), Err(TraceError::Version(1)));
    let mut late = trace();
    late.events[3].at = u64::MAX;
    assert_eq!(Trace::from_json(&late.to_json()), Err(TraceError::Event(4)));
    let mut unknown = trace();
    unknown.events[0].program = 2;
    assert_eq!(Trace::from_json(&unknown.to_json()), Err(TraceError::Event(1)));
}

/// A segment of a client with five bytes.
fn segment(number: u32) -> Segment {
    let address = |port| Address { ip: Ipv4Addr::LOCALHOST, port };
    Segment {
        number,
        from: address(40_000),
        to: address(9527),
        flags: Flags::ACK,
        seq: 1,
        ack: Some(1),
        window: 0,
        syn: None,
        sack: Vec::new(),
        payload: 0..5,
        repeats: None,
    }
}

/// A trace in which this happens to the first program.
fn trace_of(kinds: &[EventKind]) -> Trace {
    let mut trace = trace();
    let first = trace.events[0].clone();
    trace.events = kinds.iter().map(|kind| Event { kind: kind.clone(), ..first.clone() }).collect();
    trace
}

fn read(kinds: &[EventKind]) -> Result<Trace, TraceError> {
    Trace::from_json(&trace_of(kinds).to_json())
}

#[test]
fn segments_of_a_trace_are_numbered_in_the_order_in_which_they_were_sent() {
    let numbered = |number, repeats| EventKind::Segment(Segment { repeats, ..segment(number) });
    let arrives = |number| EventKind::Fate(number, Fate::Delivered);
    let valid = [numbered(0, None), numbered(1, Some(0)), arrives(1), arrives(0)];
    assert_eq!(read(&valid), Ok(trace_of(&valid)));
    for number in [1, u32::MAX] {
        assert_eq!(read(&[numbered(number, None)]), Err(TraceError::Event(1)));
    }
    assert_eq!(read(&[numbered(0, Some(0))]), Err(TraceError::Event(1)));
    assert_eq!(read(&[numbered(0, None), arrives(1)]), Err(TraceError::Event(2)));
    assert_eq!(read(&[numbered(0, None), arrives(u32::MAX)]), Err(TraceError::Event(2)));
}

#[test]
fn a_segment_of_a_trace_fits_in_a_packet_with_its_headers() {
    let syn = SynOptions { mss: Some(1460), window_scale: Some(7), sack_permitted: true };
    for (syn, ranges, options) in
        [(None, 0, 0), (None, 1, 12), (None, 4, 36), (Some(syn), 0, 12), (Some(syn), 3, 36)]
    {
        let longest = 65_535 - 40 - options;
        for (length, fits) in
            [(longest, true), (longest + 1, false), (65_535, false), (u64::MAX, false)]
        {
            let one = Segment { syn, sack: vec![1..2; ranges], payload: 0..length, ..segment(0) };
            let read = read(&[EventKind::Segment(one)]).map(|trace| trace.events.len());
            let expected = if fits { Ok(1) } else { Err(TraceError::Event(1)) };
            assert_eq!(read, expected, "{length} bytes, {options} of options");
        }
    }
    for (syn, ranges) in [(None, 5), (Some(syn), 4), (None, 10_000)] {
        let one = Segment { syn, sack: vec![1..2; ranges], ..segment(0) };
        assert_eq!(read(&[EventKind::Segment(one)]), Err(TraceError::Event(1)), "{ranges} ranges");
    }
}

#[test]
fn whatever_numbers_a_valid_trace_has_it_has_a_timeline_and_a_capture_file() {
    let mut random = fastrand::Rng::with_seed(1);
    let original = trace();
    let mut valid = 0;
    for _ in 0..2000 {
        let mut trace = original.clone();
        for event in &mut trace.events {
            if random.u8(..4) == 0 {
                distort(&mut random, event);
            }
        }
        let Ok(trace) = Trace::from_json(&trace.to_json()) else { continue };
        valid += 1;
        let mut timeline = Timeline::new(&trace.experiment);
        for event in &trace.events {
            timeline.push(event);
        }
        assert!(!capture_file(&trace).is_empty());
    }
    assert!(valid > 500, "{valid} were valid");
}

/// Puts numbers into an event that no run has, but mostly such that the event is valid.
fn distort(random: &mut fastrand::Rng, event: &mut Event) {
    let long = |random: &mut fastrand::Rng| {
        let all = [0, 1, u64::from(u32::MAX), 1 << 63, u64::MAX - 1, u64::MAX];
        *random.choice(&all).expect("there are some")
    };
    let short = |random: &mut fastrand::Rng| {
        *random.choice(&[0, 1, 4, u32::MAX - 1, u32::MAX]).expect("there are some")
    };
    event.thread = if random.bool() { 0 } else { usize::MAX };
    event.line = short(random);
    match &mut event.kind {
        EventKind::Segment(segment) => {
            (segment.seq, segment.window) = (long(random), short(random));
            segment.ack = random.bool().then(|| long(random));
            segment.sack = (0..random.usize(..4)).map(|_| long(random)..long(random)).collect();
            let start = long(random);
            segment.payload = start..start.saturating_add(random.u64(..3));
            segment.flags = Flags(random.u8(..));
            segment.syn = random.bool().then(|| SynOptions {
                mss: None,
                window_scale: Some(random.u8(..)),
                sack_permitted: false,
            });
        }
        EventKind::Sockets(sockets) => {
            for socket in sockets {
                socket.unread = Some(short(random));
                socket.unacknowledged = Some(short(random));
            }
        }
        EventKind::Called(Syscall::Recv { length, .. }, columns) => {
            *length = short(random);
            (columns.from, columns.to) = (short(random), short(random));
        }
        EventKind::Called(Syscall::Send { bytes, .. }, _)
        | EventKind::Returned(Returned::Received(bytes)) => {
            bytes.0.resize(random.usize(..10), b'x');
        }
        EventKind::Returned(Returned::Sent(count)) => {
            if random.bool() {
                *count = short(random);
            } else {
                event.kind = EventKind::Blocked(BlockedOn::BufferSpace);
            }
        }
        EventKind::Started(thread) => *thread = usize::MAX,
        _ => {}
    }
}

/// A send that waits while another thread sends, and a peer that acknowledges more than there is.
#[test]
fn a_send_that_waits_is_followed_whatever_the_kernels_report() {
    let fd = Fd(3);
    let (local, peer) = (segment(0).from, segment(0).to);
    let mut trace = trace();
    let at = |thread, kind| Event { at: 0, program: 1, thread, line: 1, kind };
    let call = |call| EventKind::Called(call, Columns::default());
    let sends =
        |text: &[u8]| call(Syscall::Send { fd, bytes: Data(text.to_vec()), wait: Wait::Forever });
    let socket = |unacknowledged| Socket {
        fd: Some(fd),
        state: None,
        local,
        peer: Some(peer),
        unread: None,
        unacknowledged: Some(unacknowledged),
        limits: None,
        backlog: None,
    };
    let acknowledges = Segment { from: peer, to: local, ack: Some(u64::MAX), ..segment(0) };
    trace.events = vec![
        at(0, call(Syscall::Connect { fd, address: peer, wait: Wait::Forever })),
        at(0, EventKind::Sockets(vec![socket(0)])),
        at(0, EventKind::Returned(Returned::Done)),
        at(0, sends(b"hello")),
        at(0, EventKind::Blocked(BlockedOn::BufferSpace)),
        at(1, sends(b"you")),
        at(1, EventKind::Returned(Returned::Sent(3))),
        at(0, sends(b"hello")),
        at(0, EventKind::Blocked(BlockedOn::BufferSpace)),
        at(0, EventKind::Segment(acknowledges)),
        at(0, EventKind::Fate(0, Fate::Delivered)),
        at(0, EventKind::Sockets(vec![socket(u32::MAX)])),
    ];
    let trace = Trace::from_json(&trace.to_json()).expect("it is valid");
    let mut timeline = Timeline::new(&trace.experiment);
    for event in &trace.events {
        timeline.push(event);
    }
    let sent = timeline.flows()[0].record.stream(Direction::Sent);
    assert_eq!(sent.bytes(0..100), b"youhello");
}

#[test]
fn commands_and_reports_are_decoded_as_they_were_encoded() {
    let turn = Turn { program: 1, thread: 2, until: Until::Call };
    for command in [
        Command::Load(experiment()),
        Command::Step(turn),
        Command::StepNext(Until::Line),
        Command::Play,
        Command::Hold,
        Command::Type(1, Some("你好".to_owned())),
        Command::Type(1, None),
        Command::Interrupt(0),
        Command::Reset,
    ] {
        assert_eq!(Command::decode(&command.encode()), Ok(command));
    }
    for report in [Report::Events(trace().events), Report::Over(RunEnd::TimeOver)] {
        assert_eq!(Report::decode(&report.encode()), Some(report));
    }
}

#[test]
fn any_bytes_are_a_command_within_its_bounds_or_an_error() {
    let mut random = fastrand::Rng::with_seed(1);
    let valid = Command::Load(experiment()).encode();
    for _ in 0..20_000 {
        let mut bytes = valid.clone();
        for _ in 0..random.usize(1..4) {
            let at = random.usize(..bytes.len());
            bytes[at] = random.u8(..);
        }
        bytes.truncate(random.usize(..=valid.len()));
        if let Ok(Command::Load(experiment)) = Command::decode(&bytes) {
            assert_eq!(experiment.check(), Ok(()));
        }
        let _ = Report::decode(&bytes);
    }
}

#[test]
fn an_experiment_over_a_bound_is_refused() {
    let changed = |change: fn(&mut Experiment)| {
        let mut experiment = experiment();
        change(&mut experiment);
        match Command::decode(&Command::Load(experiment).encode()) {
            Err(CommandError::OutOfBounds(bound)) => bound,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(changed(|one| one.programs.clear()), OutOfBounds::Programs(0));
    assert_eq!(
        changed(|one| one.programs[1].text = "#".repeat(MAX_TEXT + 1)),
        OutOfBounds::Text(1)
    );
    assert_eq!(changed(|one| one.programs[0].name.clear()), OutOfBounds::Name(0));
    assert_eq!(changed(|one| one.programs[0].file = "a\nb".to_owned()), OutOfBounds::Name(0));
    assert_eq!(
        changed(|one| one.programs[0].stdin = Some(vec!["\n".to_owned()])),
        OutOfBounds::Input(0)
    );
    assert_eq!(
        changed(|one| one.programs[0].argv = vec!["a".repeat(2000)]),
        OutOfBounds::Arguments(0)
    );
    assert_eq!(changed(|one| one.starts[1].program = 0), OutOfBounds::Starts);
    assert_eq!(changed(|one| one.starts[1].when = When::Ended(2)), OutOfBounds::Starts);
    assert_eq!(changed(|one| one.order[0].program = 2), OutOfBounds::Turn(2));
    assert_eq!(changed(|one| one.order = vec![one.order[0]; 5000]), OutOfBounds::Order(5000));
    let typed = Command::Type(0, Some("two\nlines".to_owned()));
    assert_eq!(Command::decode(&typed.encode()), Err(CommandError::Typed));
}

#[test]
fn the_largest_experiment_fits_in_a_command() {
    let mut experiment = experiment();
    let text = "#".repeat(MAX_TEXT);
    let program = Program { text, ..experiment.programs[0].clone() };
    experiment.programs = vec![program; framescope_lab::MAX_PROGRAMS];
    let command = Command::Load(experiment);
    assert_eq!(Command::decode(&command.encode()), Ok(command));
}
