//! Another reader of the bytes of a run. What a trace says that it would have done is what its text does.

use std::convert::Infallible;
use std::fs;
use std::path::Path;

use framescope_engine::programs::{Session, simulate};
use framescope_engine::sockets::SimulatedKernel;
use framescope_lab::{
    Command, Event, EventKind, Experiment, MAX_EVENTS, Reader, Report, RunEnd, Timeline, Trace,
    WhatIf, find_variant,
};
use framescope_record::Direction;

use crate::lessons::played;

const READERS: [Reader; 5] =
    [Reader::Recv(1), Reader::Recv(7), Reader::Recv(1024), Reader::Naive, Reader::Whole];

fn timeline(trace: &Trace) -> Timeline {
    let mut timeline = Timeline::new(&trace.experiment);
    trace.events.iter().for_each(|event| timeline.push(event));
    timeline
}

/// What another reader would have done with each flow that has bytes.
fn all(trace: &Trace, reader: Reader) -> Vec<(usize, WhatIf)> {
    let timeline = timeline(trace);
    let flows = timeline.flows().iter().enumerate().filter(|(_, flow)| flow.has_bytes());
    let all =
        flows.filter_map(|(index, _)| Some((index, WhatIf::new(trace, &timeline, index, reader)?)));
    all.collect()
}

/// Whether the reader had no more room for its events.
fn is_full(what_if: &WhatIf) -> bool {
    what_if.trace.end == Some(RunEnd::RecordFull)
}

fn recorded() -> Vec<(String, Trace)> {
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lab/lessons");
    let entries = fs::read_dir(folders).expect("the lessons are there");
    let traces = entries.filter_map(|entry| {
        let path = entry.expect("the folder can be read").path();
        let json = fs::read_to_string(path.join("recorded.json")).ok()?;
        let trace = Trace::from_json(&json).expect("a recorded trace is one");
        Some((path.display().to_string(), trace))
    });
    traces.collect()
}

#[test]
fn the_text_of_every_reader_is_a_program() {
    let mut session = Session::new(SimulatedKernel::new);
    let mut count = 0;
    for (name, trace) in recorded() {
        for reader in READERS {
            for (_, what_if) in all(&trace, reader) {
                session.command(Command::Load(what_if.trace.experiment.clone()));
                for report in session.take_reports() {
                    let Report::Loaded(problems) = report else { continue };
                    assert_eq!(problems, [], "{name}, {reader:?}");
                    count += 1;
                }
            }
        }
    }
    assert!(count > 250, "{count} texts were read");
}

#[test]
fn another_reader_gets_the_same_bytes_and_the_wire_carries_the_same_segments() {
    let of_wire = |trace: &Trace| -> Vec<Event> {
        let is_of_wire =
            |event: &&Event| matches!(event.kind, EventKind::Segment(_) | EventKind::Fate(..));
        let events = trace.events.iter().filter(is_of_wire).cloned();
        events.map(|event| Event { line: 0, ..event }).collect()
    };
    for (name, trace) in recorded() {
        let before = timeline(&trace);
        for reader in READERS {
            for (index, what_if) in all(&trace, reader) {
                let name = format!("{name}, {reader:?}");
                assert!(of_wire(&what_if.trace) == of_wire(&trace), "{name}");
                assert!(what_if.trace.events.len() <= MAX_EVENTS, "{name}");
                let flow = &what_if.timeline.flows()[index];
                let received = flow.record.stream(Direction::Received);
                let sent = before.flows()[index].record.stream(Direction::Sent);
                let end = received.end();
                assert!(end <= sent.end(), "{name}");
                assert!(received.bytes(0..end) == sent.bytes(0..end), "{name}");
                if matches!(reader, Reader::Recv(_)) && !is_full(&what_if) {
                    let was = before.flows()[index].record.stream(Direction::Received).end();
                    assert!(end >= was, "{name}: it reads at least as much");
                }
                for number in 0..=trace.events.len() {
                    let there = what_if.number(number);
                    assert_eq!(what_if.number(what_if.recorded(there)), there, "{name}");
                }
            }
        }
    }
}

fn printed(events: &[Event], program: usize) -> String {
    let texts = events.iter().filter_map(|event| match &event.kind {
        EventKind::Printed(output) if event.program == program && !output.to_stderr => {
            Some(output.text.as_str())
        }
        _ => None,
    });
    texts.collect()
}

fn run(experiment: Experiment) -> Vec<Event> {
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

/// These programs only read after the first `recv`, and the others wait long enough between their sends.
#[test]
fn what_another_reader_would_have_done_is_what_its_text_does() {
    for name in ["4a", "4b", "5a", "6a", "7a", "7b", "8a", "10a", "11a", "11b", "20a"] {
        let trace = played(find_variant(name).unwrap());
        for reader in READERS {
            let (index, what_if) = all(&trace, reader).remove(0);
            let program = what_if.timeline.flows()[index].to.unwrap();
            let really = run(what_if.trace.experiment.clone());
            assert_eq!(
                printed(&what_if.trace.events, program),
                printed(&really, program),
                "lesson {name}, {reader:?}"
            );
        }
    }
}
