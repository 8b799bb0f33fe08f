//! Links to a moment of a run.

use framescope_lab::{Reader, Until};

use super::{Bench, Page};
use crate::effect::Effect;
use crate::msg::{LabMsg, Move, Msg};

/// The fragment of a link to the moment on screen. `None` if there is none.
fn link(bench: &mut Bench) -> Option<String> {
    let effects = bench.lab(LabMsg::LinkAsked);
    effects.into_iter().find_map(|effect| match effect {
        Effect::SetFragment(fragment) => Some(fragment),
        _ => None,
    })
}

/// A page on which a lesson was stepped so many times.
fn stepped(lesson: &str, steps: usize) -> Bench {
    let mut bench = Bench::new(Page::alone(&format!("lesson={lesson}")));
    for _ in 0..steps {
        bench.tell(Msg::WentOn);
    }
    bench
}

#[test]
fn a_link_leads_to_the_same_moment_of_the_same_run() {
    for lesson in ["4a", "7a", "12a", "16a"] {
        let mut bench = stepped(lesson, 11);
        let fragment = link(&mut bench).expect("the moment was reached by steps");
        assert_eq!(fragment, format!("lesson={lesson}&steps=11"));
        let mut other = Bench::new(Page::alone("lesson=1a"));
        other.tell(Msg::AddressChanged(fragment));
        assert_eq!(other.page.state.lab.trace, bench.page.state.lab.trace, "lesson {lesson}");
        assert!(other.page.state.lab.ahead.is_none());
    }
}

#[test]
fn a_link_leads_to_an_earlier_moment_and_to_another_reader() {
    let mut bench = stepped("4a", 14);
    let moments = bench.page.state.lab.timeline.moments().len();
    for _ in 0..moments / 2 {
        bench.tell(Msg::Stepped(Move::By(-1)));
    }
    let earlier = link(&mut bench).expect("it was reached too");
    assert_ne!(earlier, "lesson=4a&steps=14");
    while bench.page.state.cursor.is_some() {
        bench.tell(Msg::Stepped(Move::By(1)));
    }
    bench.lab(LabMsg::ReaderChosen(Some(Reader::Recv(7))));
    let fragment = link(&mut bench).expect("it was reached by steps");
    assert_eq!(fragment, "lesson=4a&steps=14&reader=recv7");
    let mut other = Bench::new(Page::alone("lesson=1a"));
    other.tell(Msg::AddressChanged(fragment));
    let what_if = other.page.state.lab.what_if.as_ref().expect("another reader reads");
    assert_eq!(what_if.reader, Reader::Recv(7));
    assert_eq!(what_if.trace, bench.page.state.lab.what_if.as_ref().expect("here too").trace);
}

#[test]
fn lines_are_stepped_as_lines() {
    let mut bench = Bench::new(Page::alone("lesson=4a"));
    bench.lab(LabMsg::UntilChosen(Until::Line));
    for _ in 0..6 {
        bench.tell(Msg::WentOn);
    }
    assert_eq!(link(&mut bench).as_deref(), Some("lesson=4a&steps=6&by=line"));
    bench.lab(LabMsg::UntilChosen(Until::Call));
    assert_eq!(link(&mut bench), None, "the steps are not all the same any more");
}

#[test]
fn a_run_that_did_not_come_from_steps_has_no_link_to_its_moments() {
    let mut bench = stepped("4a", 0);
    assert_eq!(link(&mut bench), None, "it has not begun");
    bench.lab(LabMsg::RunToggled);
    assert_eq!(link(&mut bench), None);
    bench.lab(LabMsg::Reset);
    bench.tell(Msg::WentOn);
    assert!(link(&mut bench).is_some());
    bench.lab(LabMsg::Step { program: 0, thread: None });
    assert_eq!(link(&mut bench), None);
}

#[test]
fn a_link_with_too_many_steps_stops_where_no_step_can_be_taken() {
    let mut bench = Bench::new(Page::alone("lesson=1a"));
    bench.tell(Msg::AddressChanged("lesson=5a&steps=4000000000".to_owned()));
    assert!(bench.page.state.lab.ahead.is_none());
    assert!(!bench.page.state.lab.trace.events.is_empty());
    assert!(!bench.page.state.lab.goes_on());
}

#[test]
fn who_does_something_is_not_led_on() {
    let mut page = Page::alone("lesson=4a");
    page.tell(Msg::AddressChanged("lesson=5a&steps=9".to_owned()));
    assert!(page.state.lab.ahead.is_some());
    page.lab(LabMsg::Reset);
    assert!(page.state.lab.ahead.is_none());
}
