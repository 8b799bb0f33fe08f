//! What the lab keeps of runs of Python programs, and what page and runner say to each other.

use std::net::Ipv4Addr;

use framescope_engine::programs::simulate;
use framescope_lab::{
    Command, CommandError, Event, EventKind, Experiment, Fate, Flags, MAX_TEXT, OutOfBounds,
    Program, Report, RunEnd, Segment, SegmentClass, Start, Trace, TraceError, Turn, Until, When,
    WireAction, WireDirection, WireRule, WireSetup,
};
use framescope_record::Source;
use framescope_syscall::Address;

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

#[test]
fn segments_of_a_trace_are_numbered_in_the_order_in_which_they_were_sent() {
    let address = |port| Address { ip: Ipv4Addr::LOCALHOST, port };
    let segment = |number, repeats| {
        EventKind::Segment(Segment {
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
            repeats,
        })
    };
    let read = |kinds: &[EventKind]| {
        let mut trace = trace();
        let first = trace.events[0].clone();
        trace.events =
            kinds.iter().map(|kind| Event { kind: kind.clone(), ..first.clone() }).collect();
        Trace::from_json(&trace.to_json()).map(|_| ())
    };
    let arrives = |number| EventKind::Fate(number, Fate::Delivered);
    assert_eq!(read(&[segment(0, None), segment(1, Some(0)), arrives(1), arrives(0)]), Ok(()));
    assert_eq!(read(&[segment(1, None)]), Err(TraceError::Event(1)));
    let mut long = segment(0, None);
    if let EventKind::Segment(segment) = &mut long {
        segment.payload = 0..u64::MAX;
    }
    assert_eq!(read(&[long]), Err(TraceError::Event(1)), "no packet is so long");
    assert_eq!(read(&[segment(0, Some(0))]), Err(TraceError::Event(1)));
    assert_eq!(read(&[segment(0, None), arrives(1)]), Err(TraceError::Event(2)));
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
