//! Live without a relay: on the simulated kernel of this page.

use framescope_protocol::READS_SUBPROTOCOL;
use framescope_protocol::close_code::{NO_CLOSE_FRAME, TARGET_CLOSED};
use framescope_record::Source;

use super::*;
use crate::screen::lists::received_note;
use crate::state::Tab;

/// A page on the tab Live that has found no relay.
fn alone() -> (Page, Vec<Effect>) {
    let mut page = Page::new();
    page.tell(Msg::RelayInfoArrived(None));
    assert_eq!(page.state.tab, Tab::Lab, "the lessons come first");
    assert_eq!(page.state.current().map(|current| current.number), None, "nothing is fetched");
    let effects = page.tell(Msg::TabChosen(Tab::Live));
    (page, effects)
}

fn simulated(effects: &[Effect]) -> Vec<&str> {
    let paths = effects.iter().filter_map(|effect| match effect {
        Effect::Open { bridge: Bridge::Simulated(path), .. } => Some(path.as_str()),
        _ => None,
    });
    paths.collect()
}

fn asks(effects: &[Effect]) -> bool {
    let asks = |effect: &Effect| {
        matches!(effect, Effect::FetchRelayInfo | Effect::PollLater | Effect::Diagnose { .. })
    };
    effects.iter().any(asks)
}

fn source(page: &Page) -> Source {
    page.state.current().expect("there is a connection").source
}

#[test]
fn live_opens_the_bridge_of_this_page_when_it_is_on_screen_and_asks_for_nothing() {
    let (mut page, effects) = alone();
    assert_eq!(simulated(&effects), ["/bridge/demo?recv=1024&delay_ms=0&nodelay=1"]);
    assert!(!asks(&effects), "{effects:?}");
    page.tell(opened(1, READS_SUBPROTOCOL));
    assert_eq!((source(&page), page.state()), (Source::Simulated, &ConnectionState::Open));
    assert!(received_note(&page.state).contains("simulated"));
    page.tell(Msg::TextTyped("hi".to_owned()));
    assert_eq!(page.tell(Msg::Send), [sends(b"\x02\0\0\0hi", 1)]);
    // It stays while others are on screen.
    page.tell(Msg::TabChosen(Tab::Lab));
    assert_eq!(simulated(&page.tell(Msg::TabChosen(Tab::Live))), [""; 0]);
}

#[test]
fn both_built_in_servers_and_the_read_options_are_there() {
    let (mut page, _) = alone();
    let effects = page.tell(Msg::FramingChosen(false));
    assert_eq!(simulated(&effects), ["/bridge/demo-plain?recv=1024&delay_ms=0&nodelay=1"]);
    let effects = page.tell(Msg::RecvTyped("5".to_owned()));
    assert_eq!(simulated(&effects), ["/bridge/demo-plain?recv=5&delay_ms=0&nodelay=1"]);
    let effects = page.tell(Msg::AddressChanged("recv=7".to_owned()));
    assert_eq!(simulated(&effects), ["/bridge/demo?recv=7&delay_ms=0&nodelay=1"]);
    assert_eq!(source(&page), Source::Simulated);
}

#[test]
fn a_token_and_a_target_of_a_relay_are_kept_for_it() {
    let link =
        Link { target: Some("mine".into()), token: Some("secret".into()), ..Link::default() };
    let mut page = Page::with(link);
    page.tell(Msg::RelayInfoArrived(None));
    let effects = page.tell(Msg::TabChosen(Tab::Live));
    assert_eq!(simulated(&effects), ["/bridge/demo?recv=1024&delay_ms=0&nodelay=1"]);
    page.tell(Msg::Reconnect);
    page.tell(Msg::RelayInfoArrived(Some(info())));
    assert_eq!(page.state.current().unwrap().target, "mine");
    assert_eq!(source(&page), Source::Measured);
}

#[test]
fn a_press_looks_for_a_relay_once_and_the_simulation_goes_on_until_one_answers() {
    let (mut page, _) = alone();
    page.tell(opened(1, READS_SUBPROTOCOL));
    for _ in 0..2 {
        assert_eq!(page.tell(Msg::Reconnect), [Effect::FetchRelayInfo]);
        // The user does not wait for the answer.
        let number = page.state.next_number();
        let effects = page.tell(Msg::RecvTyped(number.to_string()));
        assert_eq!(simulated(&effects).len(), 1, "{effects:?}");
        page.tell(opened(number, READS_SUBPROTOCOL));
        assert_eq!(page.tell(Msg::RelayInfoArrived(None)), []);
        assert_eq!(page.state(), &ConnectionState::Open);
    }
    page.tell(Msg::Reconnect);
    let effects = page.tell(Msg::RelayInfoArrived(Some(info())));
    let is_measured =
        |effect: &Effect| matches!(effect, Effect::Open { bridge: Bridge::Relay(_), .. });
    assert!(effects.iter().any(is_measured), "{effects:?}");
}

#[test]
fn after_the_end_a_press_connects_again() {
    let (mut page, _) = alone();
    page.tell(opened(1, READS_SUBPROTOCOL));
    page.tell(Msg::TextTyped("/die".to_owned()));
    page.tell(Msg::Send);
    let closed = |number, code| Msg::SocketClosed { number, code, reason: String::new() };
    assert_eq!(page.tell(closed(1, TARGET_CLOSED)), []);
    assert_eq!(page.state(), &ConnectionState::EndOfStream);
    assert_eq!(page.tell(Msg::TabChosen(Tab::Live)), [], "not by itself");
    assert_eq!(page.tell(Msg::Reconnect), [Effect::FetchRelayInfo]);
    assert_eq!(simulated(&page.tell(Msg::RelayInfoArrived(None))).len(), 1);
    assert_eq!(page.state.shown, 2);
}

#[test]
fn a_model_that_cannot_run_is_said_and_no_relay_is_asked_why() {
    let (mut page, _) = alone();
    let failed =
        |number| Msg::SocketClosed { number, code: NO_CLOSE_FRAME, reason: "no module".to_owned() };
    assert_eq!(page.tell(failed(1)), []);
    assert_eq!(page.state(), &ConnectionState::Refused { answer: None });

    let (mut page, _) = alone();
    page.tell(opened(1, READS_SUBPROTOCOL));
    assert_eq!(page.tell(failed(1)), []);
    assert!(matches!(page.state(), ConnectionState::Lost { code: NO_CLOSE_FRAME, .. }));
}
