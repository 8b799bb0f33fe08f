//! What the button for the next step says, and does.

use super::{Bench, Page};
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
