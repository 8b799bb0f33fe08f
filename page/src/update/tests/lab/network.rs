//! What the page says of the network that the programs run on.

use std::collections::BTreeSet;
use std::convert::Infallible;

use framescope_engine::programs::simulate;
use framescope_lab::{
    Command, Event, EventKind, Network, NoWire, NoWireReason, Report, SavedFile, Trace, Until,
    WireAction, WireCommand, WireRule, WireSetup, find_variant,
};
use framescope_record::Source;

use super::{NEXT_STEP, Page, commands, typed_by_hand};
use crate::msg::{LabMsg, SegmentFate};
use crate::screen::kernel::connections;
use crate::screen::network::{can_hold, ladder_note, missing_wire, wire_words};

#[test]
fn the_page_says_why_no_segment_is_seen_and_what_helps() {
    let mut page = Page::with_lab("lesson=4a");
    page.tell(NEXT_STEP);
    page.lab(LabMsg::ChannelOpened(1));
    page.report(&Report::Loaded(Vec::new()));
    assert_eq!(missing_wire(&page.state), None);
    let why = NoWire {
        remedy: Some("sudo modprobe tun".to_owned()),
        ..NoWire::new(NoWireReason::Tun, "/dev/net/tun cannot be opened")
    };
    page.report(&Report::Network(Network::Loopback(why)));
    let missing = missing_wire(&page.state).expect("there is no wire");
    assert_eq!(missing.reason, "No segment is seen: the relay cannot open /dev/net/tun.");
    assert_eq!(missing.remedy.as_deref(), Some("sudo modprobe tun"));
    assert!(ladder_note(&page.state).contains("not captured"));
    for (network, holds) in [(Network::Wire, true), (Network::Shared, false)] {
        page.report(&Report::Network(network));
        assert_eq!(missing_wire(&page.state), None);
        assert!(ladder_note(&page.state).contains("every segment was captured"));
        assert_eq!(can_hold(&page.state), holds);
    }
}

#[test]
fn the_wire_holds_every_segment_from_the_first_one_on_until_the_user_lets_go() {
    let mut page = Page::with_lab("lesson=4a");
    let hold = vec![WireRule::for_all(WireAction::Hold)];
    let hold = || Command::Wire(WireCommand::Rules(hold.clone()));
    assert_eq!(page.lab(LabMsg::HoldToggled), [], "nothing is loaded that could be told");
    page.tell(NEXT_STEP);
    let sent = commands(&page.lab(LabMsg::ChannelOpened(1)));
    let step = Command::StepNext(Until::Call);
    assert_eq!(sent, [Command::Load(typed_by_hand("4a")), hold(), step]);
    page.report(&Report::Loaded(Vec::new()));
    page.report(&Report::Network(Network::Wire));
    for (fate, command) in [
        (SegmentFate::Deliver, WireCommand::Deliver(3)),
        (SegmentFate::Drop, WireCommand::Drop(3)),
        (SegmentFate::Delay, WireCommand::Delay(3, 100_000)),
        (SegmentFate::Duplicate, WireCommand::Duplicate(3)),
    ] {
        let sent = commands(&page.lab(LabMsg::SegmentDecided(3, fate)));
        assert_eq!(sent, [Command::Wire(command)]);
    }
    assert_eq!(commands(&page.lab(LabMsg::Reset)), [Command::Reset, hold()], "it stays so");
    let sent = commands(&page.lab(LabMsg::HoldToggled));
    let release = [WireCommand::Rules(Vec::new()), WireCommand::DeliverAll].map(Command::Wire);
    assert_eq!(sent, release);
}

#[test]
fn a_link_says_what_happens_on_the_wire_until_another_lesson_is_chosen() {
    let mut page = Page::with_lab("lesson=4a&wire=drop+data+2");
    page.tell(NEXT_STEP);
    let sent = commands(&page.lab(LabMsg::ChannelOpened(1)));
    let Some(Command::Load(experiment)) = sent.first() else { panic!("{sent:?}") };
    assert_eq!(experiment.wire.to_string(), "drop data 2");
    assert_eq!(page.state.lab.trace.experiment.wire, experiment.wire, "the trace says so too");
    assert!(page.state.fragment().contains("wire=drop+data+2"), "{}", page.state.fragment());
    page.lab(LabMsg::AdjacentVariant(1));
    assert!(!page.state.fragment().contains("wire"), "{}", page.state.fragment());
}

#[test]
fn what_happens_on_the_wire_is_said_in_words() {
    let mut page = Page::with_lab("lesson=4a");
    let says = |page: &mut Page, text: &str| page.lab(LabMsg::WireTyped(text.to_owned()));
    let own = wire_words(&page.state).text;
    says(&mut page, "drop milk");
    let words = wire_words(&page.state);
    assert_eq!(words.text, "drop milk", "what is wrong can be mended");
    assert!(words.problem.is_some_and(|problem| problem.starts_with("“drop milk” is nothing")));

    says(&mut page, "latency 20ms, drop data 2");
    assert_eq!(wire_words(&page.state).note, None, "nothing runs");
    assert!(page.state.fragment().contains("wire=latency+20ms%2C+drop+data+2"));
    page.tell(NEXT_STEP);
    let sent = commands(&page.lab(LabMsg::ChannelOpened(1)));
    let Some(Command::Load(experiment)) = sent.first() else { panic!("{sent:?}") };
    assert_eq!(experiment.wire.to_string(), "latency 20ms, drop data 2");
    page.report(&Report::Loaded(Vec::new()));
    page.report(&Report::Events(vec![Event {
        at: 1,
        program: 0,
        thread: 0,
        line: 0,
        kind: EventKind::ThreadEnded,
    }]));

    let rules = |text: &str| {
        let setup: WireSetup = text.parse().unwrap();
        Command::Wire(WireCommand::Rules(setup.rules))
    };
    let sent = commands(&says(&mut page, "latency 20ms, reorder 10%"));
    assert_eq!(sent, [rules("reorder 10%")], "of a run that has begun");
    assert_eq!(wire_words(&page.state).note, None);
    says(&mut page, "latency 30ms, reorder 10%");
    let note = wire_words(&page.state).note.expect("it is for later");
    assert!(note.starts_with("Latency, MTU and seed are those of the next run"), "{note}");
    says(&mut page, "latency 20ms, reorder 10%");
    let sent = commands(&page.lab(LabMsg::Reset));
    assert_eq!(sent, [], "the next one has them from the beginning");
    let sent = commands(&page.tell(NEXT_STEP));
    let Some(Command::Load(experiment)) = sent.first() else { panic!("{sent:?}") };
    assert_eq!(experiment.wire.to_string(), "latency 20ms, reorder 10%");

    says(&mut page, &own);
    assert!(!page.state.fragment().contains("wire"), "it is the lesson's own");
    assert_eq!(wire_words(&page.state).problem, None);
}

#[test]
fn what_a_link_says_of_a_wire_and_nobody_understands_is_shown() {
    let mut page = Page::with_lab("lesson=4a&wire=drop+milk");
    let words = wire_words(&page.state);
    assert_eq!(words.text, "drop milk");
    assert!(words.problem.is_some());
    page.lab(LabMsg::AdjacentVariant(1));
    assert_eq!(wire_words(&page.state).problem, None);
}

/// What the panel of the kernels says of the servers of a lesson's run, at any moment.
fn servers(lesson: &str) -> BTreeSet<String> {
    let experiment = find_variant(lesson).expect("there is such a lesson").experiment();
    let mut trace = Trace::new(Source::Simulated, experiment.clone());
    let ran = simulate::<Infallible>(
        experiment,
        |programs| {
            trace.events.extend(programs.take_events());
            Ok(())
        },
        |_| Ok(None),
    );
    let Ok(_) = ran;
    let last = trace.events.len();
    let mut page = Page::alone(&format!("lesson={lesson}"));
    page.open_file(SavedFile::Trace(trace));
    let mut servers = BTreeSet::new();
    for event in 0..=last {
        page.state.cursor = Some(event);
        servers.extend(connections(&page.state).into_iter().map(|row| row.server));
    }
    servers
}

#[test]
fn a_syn_without_an_answer_has_its_reason() {
    let (lost, full) = (servers("1b"), servers("3a"));
    for (servers, is_lost) in [(&lost, true), (&full, false)] {
        assert_eq!(servers.contains("its SYN was lost"), is_lost, "{servers:?}");
        let is_full = servers.contains("no answer: the backlog is full");
        assert_eq!(is_full, !is_lost, "{servers:?}");
    }
}
