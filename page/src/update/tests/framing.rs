//! Messages with a header and without, and what the page sends by itself.

use super::*;

/// What the page sends when its connection opens.
fn sent_when_opened(link: &str) -> Vec<Effect> {
    let mut page = Page::with(Link::parse(link));
    page.tell(Msg::RelayInfoArrived(Some(info())));
    page.tell(opened(1, "binary"))
}

fn opens(effects: &[Effect]) -> &str {
    let path = effects.iter().find_map(|effect| match effect {
        Effect::Open { bridge: Bridge::Relay(path), .. } => Some(path.as_str()),
        _ => None,
    });
    path.unwrap_or_else(|| panic!("nothing is opened: {effects:?}"))
}

#[test]
fn the_page_opens_with_three_hello() {
    let hello = sends(b"\x05\0\0\0hello", 3);
    assert_eq!(sent_when_opened(""), [hello]);
    assert_eq!(sent_when_opened("framing=none"), [sends(b"hello", 3)]);
    let other = sends("\x06\0\0\0你好".as_bytes(), 1);
    assert_eq!(sent_when_opened("send=你好&times=1"), [other]);
    assert_eq!(sent_when_opened("send="), []);
}

#[test]
fn a_link_sends_nothing_to_the_server_of_somebody_else() {
    assert_eq!(sent_when_opened("target=mine&send=DROP"), []);
    assert_eq!(sent_when_opened("target=mine&framing=none"), []);
}

#[test]
fn each_framing_has_its_server_and_what_was_sent_is_sent_again() {
    let mut page = Page::open();
    page.tell(Msg::TextTyped("hi".to_owned()));
    page.tell(Msg::Send);
    let effects = page.tell(Msg::FramingChosen(false));
    assert!(opens(&effects).starts_with("/bridge/demo-plain?"), "{effects:?}");
    assert!(effects.contains(&Effect::SetFragment("framing=none".to_owned())), "{effects:?}");
    let number = page.state.shown;
    assert_eq!(page.tell(opened(number, "binary")), [sends(b"hi", 1)]);
    page.receive(&[b"hi"]);
    assert_eq!(page.state.shown_format(), None);
    assert_eq!(rows(&page.state, List::Chunks), 1);
    assert_eq!(rows(&page.state, List::Messages), 0);
    let effects = page.tell(Msg::FramingChosen(true));
    assert!(opens(&effects).starts_with("/bridge/demo?"), "{effects:?}");
    let number = page.state.shown;
    let again = sends(b"\x02\0\0\0hi", 1);
    assert_eq!(page.tell(opened(number, "binary")), [again]);
    assert_eq!(page.tell(Msg::FramingChosen(true)), [], "it is chosen already");
}

#[test]
fn a_command_is_not_sent_to_a_server_that_knows_none() {
    let mut page = Page::open();
    page.tell(Msg::PresetChosen("/burst 5 hello".to_owned(), 1));
    page.tell(Msg::Send);
    page.tell(Msg::FramingChosen(false));
    let number = page.state.shown;
    let hello = sends(b"hello", 3);
    assert_eq!(page.tell(opened(number, "binary")), [hello]);
}

#[test]
fn under_other_read_options_the_same_is_sent_again_and_once() {
    let mut page = Page::open();
    page.tell(Msg::PresetChosen("/big 20".to_owned(), 1));
    page.tell(Msg::Send);
    page.tell(Msg::RecvTyped("5".to_owned()));
    let number = page.state.shown;
    let again = sends(b"\x07\0\0\0/big 20", 1);
    assert_eq!(page.tell(opened(number, "binary")), [again]);
    page.reconnect();
    let number = page.state.shown;
    assert_eq!(page.tell(opened(number, "binary")), [], "a lost connection is not made up for");
}

#[test]
fn an_empty_text_is_a_message_with_a_header_and_nothing_without() {
    let mut page = Page::open();
    page.tell(Msg::TextTyped(String::new()));
    assert_eq!(page.tell(Msg::Send), [sends(&[0; 4], 1)]);
    page.tell(Msg::FramingChosen(false));
    let number = page.state.shown;
    page.tell(opened(number, "binary"));
    assert_eq!(page.tell(Msg::Send), []);
}
