//! What the button for the next step says, and does.

use framescope_engine::programs::{Driven, settle};
use framescope_lab::{Command, EventKind, Report, WireCommand};
use framescope_syscall::Syscall;

use super::{Bench, Page};
use crate::effect::Effect;
use crate::msg::{LabMsg, Msg};
use crate::screen::next::{NextStep, can_go_on, next_step};

fn says(bench: &Bench) -> (String, String) {
    let NextStep { who, what } = next_step(&bench.page.state);
    (who, what)
}

fn says_that(who: &str, what: &str) -> (String, String) {
    (who.to_owned(), what.to_owned())
}

#[test]
fn the_next_step_says_who_takes_it_and_the_line() {
    let mut bench = Bench::new(Page::with_lab("lesson=5a"));
    assert_eq!(says(&bench), says_that("server", "starts"));
    bench.tell(Msg::WentOn);
    let (who, what) = says(&bench);
    assert!(who == "server" || who == "client", "{who}");
    assert!(!what.is_empty());
    let mut said = Vec::new();
    for _ in 0..60 {
        if !bench.page.state.lab.goes_on() {
            break;
        }
        let before = bench.page.state.lab.trace.events.len();
        let (who, what) = says(&bench);
        bench.tell(Msg::WentOn);
        let events = &bench.page.state.lab.trace.events[before..];
        let first = events.first().map(|event| event.program);
        let name =
            first.map(|program| bench.page.state.lab.experiment.programs[program].name.clone());
        assert_eq!(name.as_deref(), Some(&*who), "{what}");
        said.push(what);
    }
    assert!(said.iter().any(|line| line.contains(".recv(")), "{said:?}");
    assert_eq!(says(&bench), says_that("", "lesson 6a"));
    assert!(can_go_on(&bench.page.state));
}

#[test]
fn at_an_earlier_moment_the_next_step_is_the_next_moment() {
    let mut bench = Bench::new(Page::with_lab("lesson=5a"));
    bench.lab(LabMsg::RunToggled);
    bench.tell(Msg::WentBack);
    assert_eq!(says(&bench), says_that("", "the next moment"));
    bench.tell(Msg::WentOn);
    assert_eq!(says(&bench), says_that("", "lesson 6a"));
    bench.tell(Msg::WentOn);
    assert_eq!(bench.page.state.lab.name(), "6a");
}

#[test]
fn a_step_that_cannot_be_taken_says_what_is_waited_for() {
    let mut bench = Bench::with(&["line = input('> ')\nprint(line)\n"]);
    for _ in 0..4 {
        bench.tell(Msg::WentOn);
    }
    let (who, what) = says(&bench);
    assert!(!who.is_empty());
    assert_eq!(what, "waits for your input");
    assert!(!can_go_on(&bench.page.state));
}

impl Bench {
    /// Tells the page something. Carries out what it commands only as far as that goes while the clock stands still.
    fn begin(&mut self, msg: Msg) {
        let mut effects = self.page.tell(msg);
        while let Some(effect) = effects.pop() {
            match effect {
                Effect::LabOpen { number, .. } => {
                    effects.extend(self.page.lab(LabMsg::ChannelOpened(number)).into_iter().rev());
                }
                Effect::LabSend(command) => {
                    self.session.command(Command::decode(&command).expect("it can be read"));
                    while self.session.advance() == Driven::Again {}
                }
                _ => {}
            }
        }
    }

    /// The page gets the reports that it lets pass.
    fn hand_over(&mut self, passes: impl Fn(&Report) -> bool) {
        for report in self.session.take_reports().iter().filter(|report| passes(report)) {
            self.page.report(report);
        }
    }

    fn settle(&mut self) {
        let settled: Result<(), std::convert::Infallible> = settle(&mut self.session, |_| Ok(()));
        settled.expect("nothing stops it");
    }
}

#[test]
fn a_thread_that_is_on_its_way_keeps_its_turn() {
    let mut bench = Bench::new(Page::alone("lesson=4a"));
    let mut waited = 0;
    while bench.page.state.lab.trace.end.is_none() {
        assert!(can_go_on(&bench.page.state));
        bench.begin(Msg::WentOn);
        bench.hand_over(|_| true);
        if !can_go_on(&bench.page.state) {
            waited += 1;
            assert!(!bench.page.state.lab.is_decided(), "something is on its way");
            bench.begin(Msg::WentOn);
            assert_eq!(bench.session.take_reports(), [], "a step that comes too early is none");
        }
        bench.settle();
        bench.hand_over(|_| true);
        assert!(bench.page.state.lab.trace.events.len() < 1000, "it goes on");
    }
    assert!(waited > 0, "the server sleeps");
    let lab = &bench.page.state.lab;
    assert_eq!(lab.outcome(), lab.variant.map(|variant| variant.expected));
}

#[test]
fn a_relay_that_never_says_that_nothing_happens_keeps_no_step_waiting() {
    let mut bench = Bench::new(Page::with_lab("lesson=4a"));
    let mut steps = 0;
    while !bench.page.state.lab.is_decided() {
        assert!(can_go_on(&bench.page.state));
        bench.begin(Msg::WentOn);
        bench.settle();
        bench.hand_over(|report| *report != Report::Rests);
        steps += 1;
        assert!(steps < 200, "it goes on");
    }
}

#[test]
fn a_run_is_not_decided_while_a_segment_is_held() {
    let mut bench = Bench::with(&[super::SERVER, super::CLIENT]);
    bench.lab(LabMsg::HoldToggled);
    for _ in 0..40 {
        bench.next();
    }
    let lab = &bench.page.state.lab;
    assert!(lab.holds() && !lab.goes_on() && !lab.moves() && !lab.is_decided());
    assert_eq!(says(&bench), says_that("", "waits for a segment that is held"));
    let mut times = 0;
    while bench.page.state.lab.holds() {
        bench.session.command(Command::Wire(WireCommand::DeliverAll));
        bench.settle();
        bench.hand_over(|_| true);
        for _ in 0..40 {
            bench.next();
        }
        times += 1;
        assert!(times < 10, "all is delivered");
    }
    assert!(bench.page.state.lab.is_decided());
}

#[test]
fn a_lesson_that_steps_by_itself_waits_for_what_is_on_its_way() {
    let mut bench = Bench::new(Page::alone("lesson=4a"));
    bench.tell(Msg::PlayToggled);
    assert!(bench.page.state.playing);
    let mut ticks = 0;
    while bench.page.state.playing {
        bench.begin(Msg::Ticked);
        bench.hand_over(|_| true);
        let lab = &bench.page.state.lab;
        assert!(bench.page.state.playing || lab.is_decided());
        bench.settle();
        bench.hand_over(|_| true);
        ticks += 1;
        assert!(ticks < 200, "it goes on");
    }
    assert!(bench.page.state.lab.is_decided());
}

#[test]
fn a_step_that_begins_at_a_line_without_a_call_says_that_it_goes_on_to_one() {
    let text = "import socket\ns = socket.socket()\nprint('ok')\ns.close()\n";
    let mut bench = Bench::with(&[text]);
    bench.tell(Msg::WentOn);
    assert_eq!(says(&bench).1, "print('ok') → next call");
    bench.tell(Msg::WentOn);
    let mut events = bench.page.state.lab.trace.events.iter();
    assert!(events.any(|event| matches!(event.kind, EventKind::Called(Syscall::Close { .. }, _))));
}

#[test]
fn a_lesson_that_only_a_run_without_pauses_answers_says_so_until_it_runs() {
    let mut bench = Bench::new(Page::with_lab("lesson=12a"));
    assert!(bench.page.state.lab.should_run_without_pauses());
    bench.tell(Msg::WentOn);
    assert!(bench.page.state.lab.should_run_without_pauses());
    bench.lab(LabMsg::RunToggled);
    assert!(!bench.page.state.lab.should_run_without_pauses());
    let other = Bench::new(Page::with_lab("lesson=4a"));
    assert!(!other.page.state.lab.should_run_without_pauses());
}
