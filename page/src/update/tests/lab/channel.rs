//! What the page and the relay that runs the programs say to each other.

use framescope_lab::{Command, Event, EventKind, Report, RunEnd, Until};
use framescope_record::Source;

use super::{Bench, NEXT_STEP, Page, commands, events_of, info, typed_by_hand};
use crate::effect::{Effect, Runner, Socket};
use crate::msg::{LabMsg, Msg};
use crate::state::{Channel, Refusal};

#[test]
fn with_a_relay_the_first_step_loads_the_experiment_on_it() {
    let mut page = Page::with_lab("lesson=4a");
    assert_eq!(page.state.lab.trace.source, Source::Measured);
    let open = |number| Effect::LabOpen { number, to: Runner::Relay("/lab".into()) };
    assert_eq!(page.tell(NEXT_STEP), [open(1)]);
    assert_eq!(page.tell(NEXT_STEP), [], "the command waits until the WebSocket is open");
    let next = || Command::StepNext(Until::Call);
    let load = Command::Load(typed_by_hand("4a"));
    assert_eq!(commands(&page.lab(LabMsg::ChannelOpened(1))), [load, next(), next()]);
    page.lab(LabMsg::SourceChosen(Source::Simulated));
    let engine = Effect::LabOpen { number: 2, to: Runner::Engine };
    assert_eq!(page.tell(NEXT_STEP), [engine], "the engine of the page has the same driver");
}

#[test]
fn reports_of_the_run_before_a_reset_are_ignored() {
    let events = events_of("4a");
    let mut page = Page::with_lab("lesson=4a");
    page.tell(NEXT_STEP);
    page.lab(LabMsg::ChannelOpened(1));
    page.report(&Report::Loaded(Vec::new()));
    page.report(&Report::Events(events[..2].to_vec()));
    assert_eq!(page.state.lab.trace.events.len(), 2);
    assert_eq!(commands(&page.lab(LabMsg::Reset)), [Command::Reset]);
    page.report(&Report::Events(events[2..4].to_vec()));
    page.report(&Report::Over(RunEnd::Finished));
    assert_eq!((page.state.lab.trace.events.len(), page.state.lab.trace.end), (0, None));
    page.report(&Report::Loaded(Vec::new()));
    page.report(&Report::Events(events));
    page.report(&Report::Over(RunEnd::Finished));
    assert_eq!(page.bytes(), (15, 0));
    assert_eq!(page.state.lab.trace.end, Some(RunEnd::Finished));
}

#[test]
fn a_relay_that_refuses_the_lab_is_asked_why_and_its_reason_stays() {
    let refused = |number| LabMsg::ChannelClosed { number, code: 1006, reason: String::new() };
    let mut page = Page::with_lab("lesson=4a&steps=3");
    let path = "/lab".to_owned();
    let asked = Effect::Diagnose { socket: Socket::Lab(1), path };
    assert_eq!(page.lab(refused(1)), [asked]);
    assert!(!page.state.is_relay_gone);
    let answer = Some(Refusal { status: 401, reason: "a token is missing".to_owned() });
    let effects = page.tell(Msg::Diagnosed { socket: Socket::Lab(1), answer });
    assert_eq!(effects, [], "the steps of the link are not tried again by themselves");
    for answers in [true, false, true] {
        page.tell(Msg::RelayPolled(answers));
        assert!(page.banner().contains("the relay wants a token"), "{}", page.banner());
    }
    let open = |number, path: &str| Effect::LabOpen { number, to: Runner::Relay(path.into()) };
    assert_eq!(page.tell(NEXT_STEP), [open(2, "/lab")], "a press tries again");
    page.lab(refused(2));
    assert_eq!(page.tell(Msg::Diagnosed { socket: Socket::Lab(1), answer: None }), [], "late");
    let answer = Some(Refusal { status: 503, reason: String::new() });
    page.tell(Msg::Diagnosed { socket: Socket::Lab(2), answer });
    assert!(page.banner().contains("too many sessions"), "{}", page.banner());
    page.tell(Msg::AddressChanged("token=right&lesson=4a".to_owned()));
    assert_eq!(page.banner(), "");
    assert_eq!(page.tell(NEXT_STEP), [open(3, "/lab?token=right")]);
    page.lab(refused(3));
    let effects = page.tell(Msg::Diagnosed { socket: Socket::Lab(3), answer: None });
    assert_eq!(effects, [Effect::PollLater]);
    assert!(page.banner().starts_with("The relay went away"), "{}", page.banner());
}

#[test]
fn a_relay_that_sends_what_is_no_report_is_not_listened_to() {
    let mut page = Page::with_lab("lesson=4a");
    page.tell(NEXT_STEP);
    page.lab(LabMsg::ChannelOpened(1));
    page.lab(LabMsg::Reported(1, b"\xff\xff<html>".to_vec()));
    assert!(page.banner().contains("what this page cannot read"), "{}", page.banner());
    page.lab(LabMsg::Reported(1, Report::Loaded(Vec::new()).encode()));
    page.lab(LabMsg::Reported(1, Report::Events(events_of("4a")).encode()));
    assert!(page.state.lab.trace.events.is_empty());
    assert!(matches!(page.tell(NEXT_STEP)[..], [Effect::LabOpen { .. }]), "a press tries again");
}

#[test]
fn a_model_that_cannot_be_fetched_when_the_relay_is_gone_is_said() {
    let mut page = Page::with_lab("lesson=4a");
    page.tell(NEXT_STEP);
    page.lab(LabMsg::ChannelOpened(1));
    page.lab(LabMsg::ChannelClosed { number: 1, code: 1006, reason: String::new() });
    assert!(page.banner().starts_with("The relay went away"), "{}", page.banner());
    page.lab(LabMsg::Reset);
    assert_eq!(page.tell(NEXT_STEP), [Effect::LabOpen { number: 2, to: Runner::Engine }]);
    page.lab(LabMsg::ChannelOpened(2));
    page.lab(LabMsg::ChannelClosed { number: 2, code: 1006, reason: String::new() });
    assert!(page.banner().contains("could not be fetched"), "{}", page.banner());
    page.tell(Msg::Reconnect);
    assert_eq!(page.tell(Msg::RelayInfoArrived(None)), [Effect::PollLater]);
    assert!(page.banner().contains("could not be fetched"), "{}", page.banner());
}

#[test]
fn after_the_channel_is_lost_the_trace_is_kept_and_reset_begins_a_new_run() {
    let events = events_of("4a");
    let mut page = Page::with_lab("lesson=4a");
    page.tell(NEXT_STEP);
    page.lab(LabMsg::ChannelOpened(1));
    page.report(&Report::Loaded(Vec::new()));
    page.report(&Report::Events(events[..2].to_vec()));
    let lost = LabMsg::ChannelClosed { number: 1, code: 1001, reason: "shutting down".into() };
    page.lab(lost);
    assert_eq!(page.state.lab.channel, Channel::Lost { reason: "shutting down".into() });
    assert_eq!(page.state.lab.trace.events.len(), 2);
    assert_eq!(page.tell(NEXT_STEP), [], "a run without its sockets cannot go on");
    page.lab(LabMsg::Reset);
    assert_eq!(page.state.lab.source, Source::Simulated, "the relay is gone");
    page.tell(Msg::RelayPolled(true));
    assert_eq!(page.state.lab.source, Source::Measured, "and is back");
    let open = Effect::LabOpen { number: 2, to: Runner::Relay("/lab".into()) };
    assert_eq!(page.tell(NEXT_STEP), [open]);
    page.lab(LabMsg::Reported(1, Report::Events(events).encode()));
    assert_eq!(page.state.lab.trace.events.len(), 0, "reports on the old channel are ignored");
}

#[test]
fn what_the_programs_of_the_last_lesson_still_do_is_not_of_the_one_on_screen() {
    let mut page = Page::with_lab("lesson=4a");
    page.tell(NEXT_STEP);
    page.lab(LabMsg::ChannelOpened(1));
    page.report(&Report::Loaded(Vec::new()));
    let late = Report::Events(vec![Event {
        at: 1,
        program: 0,
        thread: 0,
        line: 0,
        kind: EventKind::Began,
    }]);
    page.report(&late);
    assert_eq!(page.state.lab.trace.events.len(), 1);
    page.lab(LabMsg::LessonChosen("5a".to_owned()));
    page.report(&late);
    page.report(&Report::Over(RunEnd::Finished));
    assert!(page.state.lab.trace.events.is_empty());
    let sent = commands(&page.tell(NEXT_STEP));
    assert!(matches!(sent[..], [Command::Load(_), Command::StepNext(_)]), "{sent:?}");
}

#[test]
fn a_run_that_failed_says_why_and_another_one_can_begin() {
    let mut page = Page::with_lab("lesson=4a");
    page.tell(NEXT_STEP);
    page.lab(LabMsg::ChannelOpened(1));
    page.report(&Report::Loaded(Vec::new()));
    page.report(&Report::Failed("it needs too much memory".to_owned()));
    assert_eq!(page.state.lab.failure.as_deref(), Some("it needs too much memory"));
    assert_eq!(page.tell(NEXT_STEP), []);
    page.lab(LabMsg::Reset);
    assert_eq!(page.state.lab.failure, None);
    let sent = commands(&page.tell(NEXT_STEP));
    assert!(matches!(sent[..], [Command::Load(_), Command::StepNext(_)]), "{sent:?}");
}

#[test]
fn when_a_relay_appears_a_lesson_that_has_not_begun_becomes_measured() {
    let mut page = Page::alone("lesson=4a");
    page.tell(Msg::RelayInfoArrived(Some(info())));
    assert_eq!(page.state.lab.source, Source::Measured);
    let mut busy = Bench::new(Page::alone("lesson=4a"));
    busy.tell(NEXT_STEP);
    busy.tell(Msg::RelayInfoArrived(Some(info())));
    let lab = &busy.page.state.lab;
    assert_eq!(lab.source, Source::Simulated, "a run that has begun keeps its source");
    busy.lab(LabMsg::SourceChosen(Source::Measured));
    let lab = &busy.page.state.lab;
    assert_eq!((lab.source, lab.trace.events.len()), (Source::Measured, 0));
}
