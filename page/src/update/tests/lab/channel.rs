//! What the page and the relay that runs the programs say to each other.

use framescope_lab::{Command, Event, EventKind, Report, RunEnd, Until};
use framescope_record::Source;

use super::{Bench, NEXT_STEP, Page, commands, events_of, info, typed_by_hand};
use crate::effect::{Effect, Runner};
use crate::msg::{LabMsg, Msg};
use crate::state::Channel;

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
