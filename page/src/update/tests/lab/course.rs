//! From lesson to lesson: by digits, by name, and with a presentation remote.

use super::{Bench, Page};
use crate::effect::Effect;
use crate::msg::{LabMsg, Move, Msg};
use crate::state::{Problem, Tab};

fn press(page: &mut Page, digits: &[u8]) -> Option<&'static str> {
    for digit in digits {
        page.tell(Msg::LessonDigit(*digit));
    }
    page.state.place()
}

#[test]
fn digits_reach_every_lesson() {
    for number in 0..=20_u8 {
        let digits = if number < 10 { vec![number] } else { vec![number / 10, number % 10] };
        let place = press(&mut Page::with_lab("lesson=own"), &digits);
        assert_eq!(place, Some(&*format!("{number}a")));
    }
}

#[test]
fn a_digit_that_makes_no_lessons_number_with_the_one_before_begins_another() {
    let mut page = Page::with_lab("lesson=own");
    assert_eq!(press(&mut page, &[4, 1]), Some("1a"));
    assert_eq!(press(&mut page, &[2]), Some("12a"));
    assert_eq!(press(&mut page, &[2]), Some("2a"), "a number has ended");
    page.now += 1500.0;
    assert_eq!(press(&mut page, &[0]), Some("0a"), "too late for 20");
}

#[test]
fn a_lesson_is_reached_by_its_number_or_its_name() {
    let mut page = Page::open();
    for (typed, place) in [("12", "12a"), (" 7B ", "7b"), ("0", "0a"), ("own", "own")] {
        page.tell(Msg::GoToggled);
        page.tell(Msg::GoEntered(typed.to_owned()));
        assert_eq!((page.state.place(), page.state.go), (Some(place), false));
    }
    page.tell(Msg::GoToggled);
    page.tell(Msg::GoEntered("99".to_owned()));
    assert_eq!(page.state.problem, Some(Problem::NoLesson("99".to_owned())));
    assert_eq!(page.state.place(), Some("own"));
    assert_eq!(page.tell(Msg::GoEntered(String::new())), []);
}

#[test]
fn a_remote_goes_through_a_lesson_into_the_next_and_back() {
    let mut bench = Bench::new(Page::alone("lesson=1a"));
    assert_eq!(bench.tell(Msg::WentOn), [], "it steps");
    while bench.page.state.place() == Some("1a") {
        let before = bench.page.state.lab.trace.events.len();
        bench.tell(Msg::WentOn);
        let is_next = bench.page.state.place() == Some("1b");
        assert!(is_next || bench.page.state.lab.trace.events.len() > before);
    }
    assert_eq!(bench.page.state.place(), Some("1b"));
    assert!(bench.page.state.lab.trace.events.is_empty(), "it begins there");
    let effects = bench.tell(Msg::WentBack);
    assert_eq!(effects, [Effect::PushFragment("lesson=1a".to_owned())]);
    bench.tell(Msg::WentOn);
    bench.tell(Msg::WentOn);
    bench.tell(Msg::WentBack);
    assert_eq!(bench.page.state.place(), Some("1a"), "there is a moment before");
    while bench.page.state.place() == Some("1a") {
        bench.tell(Msg::WentBack);
    }
    assert_eq!(bench.page.state.place(), Some("0c"));
}

#[test]
fn a_key_that_is_held_down_and_the_live_tab_stay_where_they_are() {
    let mut bench = Bench::new(Page::alone("lesson=1a"));
    bench.lab(LabMsg::RunToggled);
    assert!(bench.page.state.lab.is_decided());
    for _ in 0..3 {
        bench.tell(Msg::Stepped(Move::By(1)));
    }
    assert_eq!(bench.page.state.place(), Some("1a"));
    bench.tell(Msg::TabChosen(Tab::Live));
    bench.tell(Msg::WentOn);
    bench.tell(Msg::WentBack);
    assert_eq!(bench.page.state.place(), None);
}

#[test]
fn a_program_that_waits_for_a_line_is_not_at_the_end_of_its_lesson() {
    let mut bench = Bench::with(&["print(input())\n"]);
    bench.next();
    assert!(bench.page.state.lab.reads(0));
    bench.tell(Msg::WentOn);
    assert_eq!(bench.page.state.place(), Some("own"));
}
