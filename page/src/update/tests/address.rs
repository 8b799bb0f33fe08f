//! Tests of the address: links, the history, and the token.

use framescope_protocol::ReadOptions;

use super::{Page, info};
use crate::effect::{Bridge, Effect, Socket};
use crate::msg::{LabMsg, Msg};
use crate::screen::problem::problem_text;
use crate::state::{ConnectionState, Link, Problem, Refusal, Tab};

impl Page {
    /// A link is opened on the page, or the user goes back to it.
    fn follow(&mut self, fragment: &str) -> Vec<Effect> {
        self.tell(Msg::AddressChanged(fragment.to_owned()))
    }
}

fn pushed(fragment: &str) -> [Effect; 1] {
    [Effect::PushFragment(fragment.to_owned())]
}

#[test]
fn another_lesson_or_tab_has_an_entry_in_the_history() {
    let mut page = Page::open();
    assert_eq!(page.tell(Msg::LessonDigit(5)), pushed("lesson=5a"));
    assert_eq!(page.lab(LabMsg::LessonChosen("7b".into())), pushed("lesson=7b"));
    assert_eq!(page.lab(LabMsg::AdjacentVariant(1)), pushed("lesson=8a"));
    assert_eq!(page.tell(Msg::TabChosen(Tab::Live)), pushed(""));
    assert_eq!(page.tell(Msg::TabChosen(Tab::Lab)), pushed("lesson=8a"));
}

#[test]
fn a_change_in_the_same_place_has_no_entry() {
    let mut page = Page::open();
    let effects = page.tell(Msg::NodelaySet(false));
    assert_eq!(effects[0], Effect::SetFragment("nodelay=0".to_owned()));
    page.tell(Msg::LessonDigit(5));
    let effects = page.lab(LabMsg::Reset);
    assert_eq!(effects, [Effect::SetFragment("nodelay=0&lesson=5a".to_owned())]);
}

#[test]
fn a_link_opened_on_an_open_page_leads_there_and_back() {
    let mut page = Page::with_lab("lesson=4a");
    assert_eq!(page.follow("#lesson=5a"), [], "the address is right already");
    assert_eq!(page.state.place(), Some("5a"));
    assert!(page.state.lab.has_programs());
    assert_eq!(page.follow("#lesson=4a"), []);
    assert_eq!(page.state.place(), Some("4a"));
    page.follow("");
    assert_eq!(page.state.place(), None);
    page.follow("lesson=own");
    assert_eq!(page.state.place(), Some("own"));
}

#[test]
fn a_link_to_the_lesson_on_screen_keeps_its_run() {
    let mut page = Page::with_lab("lesson=4a");
    page.lab(LabMsg::Predicted(1));
    page.tell(Msg::TabChosen(Tab::Live));
    page.follow("lesson=4a");
    assert_eq!((page.state.place(), page.state.lab.prediction), (Some("4a"), Some(1)));
}

#[test]
fn a_link_brings_its_programs_to_an_open_page_and_going_back_takes_them_away() {
    let mut page = Page::with_lab("lesson=4a");
    let own = page.state.lab.experiment.clone();
    page.follow("lesson=4a&file0=mine.py&program0=print(1)");
    let mine = &page.state.lab.experiment.programs[0];
    assert_eq!((&*mine.file, &*mine.text), ("mine.py", "print(1)"));
    assert_eq!(page.state.fragment(), "lesson=4a&file0=mine.py&program0=print%281%29");
    page.follow("lesson=4a");
    assert_eq!(page.state.lab.experiment, own);
}

#[test]
fn a_link_to_a_lesson_that_does_not_exist_says_so() {
    let says = |page: &Page| {
        assert_eq!(page.state.tab, Tab::Lab);
        assert_eq!(page.state.problem, Some(Problem::NoLesson("99z".to_owned())));
        let said = problem_text(&page.state).expect("it says so");
        assert!(said.starts_with("There is no lesson 99z"), "{said}");
    };
    says(&Page::with_lab("lesson=99z"));
    says(&Page::alone("lesson=99z"));
    let mut page = Page::with_lab("lesson=5a");
    page.follow("lesson=99z");
    says(&page);
    page.tell(Msg::LessonDigit(4));
    assert_eq!(page.state.problem, None);
    page.follow("lesson=99z");
    page.follow("lesson=4a");
    assert_eq!(page.state.problem, None, "the address is good again");
}

#[test]
fn a_link_with_other_read_options_connects_again() {
    let mut page = Page::open();
    let path = "/bridge/demo?recv=5&delay_ms=0&nodelay=1".to_owned();
    assert_eq!(page.follow("recv=5"), [Effect::Open { number: 2, bridge: Bridge::Relay(path) }]);
    assert_eq!(page.state.link.read_options, ReadOptions { recv: 5, ..ReadOptions::PAGE_DEFAULT });
    assert_eq!(page.follow("recv=5"), [], "nothing is other");
    assert_eq!(page.follow("recv=5&header=!I"), []);
    assert_eq!(page.state.connection().unwrap().received().format(), "!I".parse().ok());
}

#[test]
fn the_token_leaves_the_address_and_is_kept() {
    let mut page = Page::with(Link::parse("token=secret&lesson=7a"));
    let kept = [
        Effect::KeepToken("secret".to_owned()),
        Effect::SetFragment("lesson=7a".to_owned()),
        Effect::FetchRelayInfo,
    ];
    assert_eq!(page.tell(Msg::Started), kept);
    let effects = page.tell(Msg::RelayInfoArrived(Some(info())));
    let path = "/bridge/demo?recv=1024&delay_ms=0&nodelay=1&token=secret".to_owned();
    assert_eq!(effects, [Effect::Open { number: 1, bridge: Bridge::Relay(path) }]);
    assert_eq!(page.tell(Msg::LessonDigit(4)), pushed("lesson=4a"));
    page.follow("lesson=7a");
    assert_eq!(page.state.link.token.as_deref(), Some("secret"), "another link does not end it");
}

#[test]
fn a_link_with_a_token_keeps_its_moment() {
    let kept = [
        Effect::KeepToken("secret".to_owned()),
        Effect::SetFragment("lesson=4a&steps=8&reader=recv7".to_owned()),
    ];
    let link = "token=secret&lesson=4a&steps=8&reader=recv7";
    assert_eq!(Page::with(Link::parse(link)).tell(Msg::Started)[..2], kept);
    let effects = Page::with_lab("lesson=5a").follow(link);
    assert_eq!(effects[..2], kept);
}

#[test]
fn without_a_relay_a_link_to_live_leads_there() {
    let mut page = Page::with(Link::parse("recv=5&framing=none"));
    page.state.is_tab_chosen = Link::leads_to_live("recv=5&framing=none");
    page.tell(Msg::Started);
    let effects = page.tell(Msg::RelayInfoArrived(None));
    assert_eq!(page.state.tab, Tab::Live);
    let path = "/bridge/demo-plain?recv=5&delay_ms=0&nodelay=1".to_owned();
    assert_eq!(effects, [Effect::Open { number: 1, bridge: Bridge::Simulated(path) }]);
}

#[test]
fn a_tab_that_the_user_has_chosen_stays_when_no_relay_answers() {
    let mut page = Page::with(Link::opening(""));
    page.tell(Msg::Started);
    page.tell(Msg::TabChosen(Tab::Live));
    page.tell(Msg::RelayInfoArrived(None));
    assert_eq!(page.state.tab, Tab::Live);
}

#[test]
fn a_token_that_is_added_to_the_address_opens_the_connection_that_was_refused() {
    let mut page = Page::new();
    page.tell(Msg::RelayInfoArrived(Some(info())));
    page.tell(Msg::SocketClosed { number: 1, code: 1006, reason: String::new() });
    let answer = Some(Refusal { status: 401, reason: String::new() });
    page.tell(Msg::Diagnosed { socket: Socket::Connection(1), answer });
    let effects = page.follow("token=secret");
    let path = "/bridge/demo?recv=1024&delay_ms=0&nodelay=1&token=secret".to_owned();
    assert_eq!(
        effects,
        [
            Effect::Open { number: 2, bridge: Bridge::Relay(path) },
            Effect::KeepToken("secret".to_owned()),
            Effect::SetFragment(String::new()),
        ]
    );
    assert_eq!(*page.state(), ConnectionState::Connecting);
}

#[test]
fn a_name_from_a_link_does_not_turn_the_words_of_the_sentence_round() {
    let said = |name: &str| problem_text(&Page::with_lab(name).state).expect("it says so");
    let marked = said("lesson=9%E2%80%AEz");
    assert!(marked.starts_with(r"There is no lesson 9\u{202e}z. "), "{marked}");
    let hebrew = said("lesson=%D7%90");
    assert!(hebrew.starts_with("There is no lesson \u{2068}א\u{2069}. "), "{hebrew}");
}

#[test]
fn a_link_to_a_lesson_may_have_a_capital_letter() {
    let page = Page::with_lab("lesson=7B");
    assert_eq!(page.state.problem, None);
    assert_eq!(page.state.place(), Some("7b"));
}
