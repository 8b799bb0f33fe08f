//! Tests of the page, in the steps of a user.
#![allow(clippy::wildcard_enum_match_arm, reason = "what a test does not expect fails it")]

mod address;
mod framing;
mod lab;
mod opening;
mod recordings;
mod simulated;
mod timed_reads;

use std::collections::BTreeMap;

use framescope_framing::HeaderFormat;
use framescope_lab::{FileProblem, FileReports, SavedFile, find_variant};
use framescope_protocol::{ReadOptions, RelayInfo};
use framescope_record::{Direction, Item, ItemKind, Rest};

use super::update;
use crate::effect::{Bridge, Effect, Socket};
use crate::msg::{LabMsg, Move, Msg, Unit};
use crate::screen::banner::banner;
use crate::screen::lists::{MessageRow, message_row, rows};
use crate::state::{
    ConnectionState, KEPT_CONNECTIONS, Link, List, ListView, NOT_TAKEN, Preferences, Refusal,
    Relay, State, Tab, Theme,
};
use crate::text::{Language, Locale, Notation, Texts};

const PREFERENCES: Preferences = Preferences {
    theme: Theme::Light,
    projector: false,
    notation: Notation::Python,
    shortcuts: true,
};

fn info() -> RelayInfo {
    RelayInfo {
        tcp_address: Some("127.0.0.1:9529".into()),
        version: "0.1.0".to_owned(),
        header: HeaderFormat::LITTLE_SIGNED,
        max_message: 1024 * 1024,
        targets: ["demo", "demo-plain", "mine"].map(str::to_owned).to_vec(),
        lab: true,
        watched: false,
    }
}

/// The file of the page's texts in a language.
fn page_texts(language: Language) -> Texts {
    let json = match language {
        Language::English => include_str!("../../../www/locales/en.json"),
        Language::Chinese => include_str!("../../../www/locales/zh-CN.json"),
    };
    let texts: BTreeMap<String, String> = serde_json::from_str(json).expect("it is JSON");
    texts.into_iter().collect()
}

/// The file of a lesson's texts in a language.
fn lesson_texts(variant: &str, language: Language) -> Texts {
    let variant = find_variant(variant).expect("the page asks for lessons that are there");
    let texts = variant.texts(language.tag());
    let choices = (1..).zip(texts.choices);
    let programs = variant.experiment().programs.into_iter();
    [("question", texts.question), ("explanation", texts.explanation)]
        .map(|(key, text)| (key.to_owned(), text.to_owned()))
        .into_iter()
        .chain(choices.map(|(number, text)| (format!("choice-{number}"), (*text).to_owned())))
        .chain(programs.map(|program| (program.file, program.text)))
        .collect()
}

fn opened(number: u32, subprotocol: &str) -> Msg {
    Msg::SocketOpened(number, subprotocol.to_owned())
}

/// A page under test, with a clock that moves by one millisecond a message.
struct Page {
    state: State,
    now: f64,
}

impl Page {
    /// A page that sends nothing by itself.
    fn new() -> Self {
        let mut page = Self::with(Link::default());
        page.state.to_send = None;
        page
    }

    fn with(link: Link) -> Self {
        let locale = Locale::new(Language::English, page_texts(Language::English));
        Self { state: State::new(locale, PREFERENCES, link), now: 0.0 }
    }

    /// What the banner says. Empty without one.
    fn banner(&self) -> String {
        banner(&self.state).map(|banner| banner.text).unwrap_or_default()
    }

    /// A page whose first connection is open. 20 bytes and 4 rows fit on screen.
    fn open() -> Self {
        Self::open_as("binary")
    }

    /// The same, on a relay that selected this subprotocol.
    fn open_as(subprotocol: &str) -> Self {
        let mut page = Self::new();
        page.tell(Msg::RelayInfoArrived(Some(info())));
        page.tell(opened(1, subprotocol));
        page.tell(Msg::LanesResized(20 * page.state.cell_width()));
        for list in [List::Chunks, List::Messages] {
            page.tell(Msg::ListScrolled(list, ListView { first: 0, rows: 4 }));
        }
        page
    }

    /// Tells the page something. Returns its effects, except that texts are fetched at once.
    fn tell(&mut self, msg: Msg) -> Vec<Effect> {
        let mut others = Vec::new();
        for effect in self.tell_alone(msg) {
            match effect {
                Effect::FetchTexts(language) => {
                    let texts = Some(page_texts(language));
                    others.extend(self.tell(Msg::TextsArrived(language, texts)));
                }
                Effect::FetchLesson(variant, language) => {
                    let texts = Some(lesson_texts(variant, language));
                    let arrived = LabMsg::TextsArrived(variant, language, texts);
                    others.extend(self.tell(Msg::Lab(arrived)));
                }
                other => others.push(other),
            }
        }
        others
    }

    /// Tells the page something. Returns all its effects.
    fn tell_alone(&mut self, msg: Msg) -> Vec<Effect> {
        self.now += 1.0;
        update(&mut self.state, msg, self.now)
    }

    /// Opens a file with this content. All of it arrives at once.
    fn open_file(&mut self, file: SavedFile) -> Vec<Effect> {
        self.open_read(Ok(file))
    }

    /// Opens a file of which this was read. Returns the effects, except those of its reading.
    fn open_read(&mut self, read: Result<SavedFile, FileProblem>) -> Vec<Effect> {
        let mut effects = self.tell(Msg::FileChosen(Tab::Lab, "a.json".to_owned()));
        for report in FileReports::new(read) {
            effects.extend(self.tell(Msg::FileReported(self.state.file_number, report)));
        }
        let is_other = |effect: &Effect| {
            !matches!(effect, Effect::ReadFile { .. } | Effect::ReadOn | Effect::StopReading)
        };
        effects.retain(is_other);
        effects
    }

    fn receive(&mut self, chunks: &[&[u8]]) {
        let number = self.state.current().expect("there is a connection").number;
        for chunk in chunks {
            self.tell(Msg::SocketReceived(number, chunk.to_vec()));
        }
    }

    fn reconnect(&mut self) {
        self.tell(Msg::Reconnect);
        self.tell(Msg::RelayInfoArrived(Some(info())));
    }

    fn state(&self) -> &ConnectionState {
        &self.state.current().expect("there is a connection").state
    }

    fn received_end(&self) -> u64 {
        self.state.moment().end(Direction::Received)
    }
}

/// The effect that sends a message `times` times.
fn sends(message: &[u8], times: u32) -> Effect {
    Effect::Send { message: message.to_vec(), times }
}

fn received(kind: ItemKind) -> Item {
    Item { direction: Direction::Received, kind }
}

#[test]
fn the_page_connects_when_the_relay_has_answered() {
    let mut page = Page::new();
    let effects = page.tell(Msg::RelayInfoArrived(Some(info())));
    let path = "/bridge/demo?recv=1024&delay_ms=0&nodelay=1".to_owned();
    assert_eq!(effects, [Effect::Open { number: 1, bridge: Bridge::Relay(path) }]);
    assert_eq!(*page.state(), ConnectionState::Connecting);
    page.tell(opened(1, "binary"));
    assert_eq!(*page.state(), ConnectionState::Open);
}

#[test]
fn without_a_relay_the_page_looks_for_one_again_only_when_it_is_told() {
    let asks = |effect: &Effect| matches!(effect, Effect::FetchRelayInfo | Effect::PollLater);
    let mut page = Page::new();
    assert_eq!(page.tell(Msg::Started), [Effect::FetchRelayInfo]);
    let effects = page.tell(Msg::RelayInfoArrived(None));
    assert!(!effects.iter().any(asks), "{effects:?}");
    assert_eq!(page.state.relay, Relay::Absent);
    assert_eq!(page.tell(Msg::Reconnect), [Effect::FetchRelayInfo]);
    let effects = page.tell(Msg::RelayInfoArrived(None));
    assert!(!effects.iter().any(asks), "{effects:?}");
    page.tell(Msg::Reconnect);
    let effects = page.tell(Msg::RelayInfoArrived(Some(info())));
    let opens = |effect: &Effect| matches!(effect, Effect::Open { number: 1, .. });
    assert!(effects.iter().any(opens), "{effects:?}");
}

#[test]
fn the_composers_message_is_sent_in_one_send_each_time() {
    let mut page = Page::open();
    page.tell(Msg::TextTyped("hi".into()));
    page.tell(Msg::TimesTyped("3".into()));
    let message = sends(b"\x02\0\0\0hi", 3);
    assert_eq!(page.tell(Msg::Send), [message]);
    let sent = page.state.record().unwrap().stream(Direction::Sent);
    assert_eq!((sent.chunk_numbers(), sent.end()), (0..3, 18));
}

#[test]
fn an_invalid_number_of_times_a_too_long_text_and_a_closed_connection_send_nothing() {
    let mut page = Page::open();
    for times in ["0", "1001", "-1", "x", ""] {
        page.tell(Msg::TimesTyped(times.into()));
        assert_eq!(page.tell(Msg::Send), [], "{times:?} times");
    }
    page.tell(Msg::TimesTyped("1".into()));
    page.tell(Msg::TextTyped("x".repeat(1024 * 1024 + 1)));
    assert_eq!(page.tell(Msg::Send), []);
    page.tell(Msg::TextTyped("x".repeat(1024 * 1024)));
    page.tell(Msg::TimesTyped("5".into()));
    assert_eq!(page.tell(Msg::Send), [], "five of these are over the limit of one send");
    page.tell(Msg::SocketClosed { number: 1, code: 1006, reason: String::new() });
    page.tell(Msg::PresetChosen("/help".into(), 1));
    assert_eq!(page.tell(Msg::Send), []);
}

#[test]
fn a_message_is_announced_when_it_is_complete() {
    let mut page = Page::open();
    let tell = |page: &mut Page, bytes: &[u8]| page.tell(Msg::SocketReceived(1, bytes.to_vec()));
    assert_eq!(tell(&mut page, b"\x02\0\0\0h"), []);
    let said = |text: &str| [Effect::Announce(text.into())];
    assert_eq!(tell(&mut page, b"i"), said("Message 1: \"hi\""));
    let two = b"\x01\0\0\0a\x01\0\0\0b";
    assert_eq!(tell(&mut page, two), said("Messages 2 to 3, the last: \"b\""));
    let broken = "The header at byte 16 says -1: a length below zero";
    assert_eq!(tell(&mut page, b"\xff\xff\xff\xff"), said(broken));
    assert_eq!(tell(&mut page, b"more"), []);
}

#[test]
fn a_lost_connection_is_kept_and_the_page_shows_when_the_relay_is_back() {
    let mut page = Page::open();
    page.receive(&[b"\x02\0\0\0hi\x05\0"]);
    let lost = Msg::SocketClosed { number: 1, code: 1006, reason: String::new() };
    assert_eq!(page.tell(lost), [Effect::PollLater]);
    assert_eq!(*page.state(), ConnectionState::Lost { code: 1006, reason: String::new() });
    assert_eq!(rows(&page.state, List::Messages), 2);
    page.tell(Msg::RelayPolled(false));
    assert!(page.banner().contains("The relay does not answer"), "{}", page.banner());
    // The user is impatient.
    assert_eq!(page.tell(Msg::Reconnect), [Effect::FetchRelayInfo]);
    assert_eq!(page.tell(Msg::RelayInfoArrived(None)), [Effect::PollLater]);
    assert_eq!((page.state.connections.len(), page.received_end()), (1, 8));
    page.tell(Msg::RelayPolled(true));
    assert!(page.state.relay_is_back);
    assert!(page.banner().contains("answers again"), "{}", page.banner());
    assert_eq!(page.tell(Msg::Reconnect), [Effect::FetchRelayInfo], "it may be another relay");
    let effects = page.tell(Msg::RelayInfoArrived(Some(info())));
    assert!(matches!(effects[..], [Effect::Open { number: 2, .. }]));
    assert_eq!(page.state.connections[0].received().end(), 8);
    assert!(!page.state.relay_is_back);
    page.tell(Msg::Show(1));
    assert_eq!(page.received_end(), 8);
}

#[test]
fn after_the_page_gave_up_a_connection_it_does_not_poll_the_relay() {
    let mut page = Page::open();
    page.receive(&[b"x"]);
    let given_up = Msg::SocketClosed { number: 1, code: NOT_TAKEN, reason: String::new() };
    assert_eq!(page.tell(given_up), [], "the relay is still there");
    assert_eq!(*page.state(), ConnectionState::Lost { code: NOT_TAKEN, reason: String::new() });
    assert_eq!(page.received_end(), 1);
}

#[test]
fn after_a_refused_connection_the_page_asks_the_relay_why() {
    let mut page = Page::new();
    page.tell(Msg::RelayInfoArrived(Some(info())));
    let refused = Msg::SocketClosed { number: 1, code: 1006, reason: String::new() };
    assert!(matches!(
        page.tell(refused)[..],
        [Effect::Diagnose { socket: Socket::Connection(1), .. }]
    ));
    let reason = "the target \"demo\" cannot be reached".to_owned();
    let answer = Some(Refusal { status: 502, reason });
    page.tell(Msg::Diagnosed { socket: Socket::Connection(1), answer: answer.clone() });
    assert_eq!(*page.state(), ConnectionState::Refused { answer });
    page.tell(Msg::RelayPolled(true));
    assert!(page.banner().contains("the target cannot be reached"), "{}", page.banner());
}

#[test]
fn a_stream_that_ends_inside_a_message_has_a_truncated_row() {
    let mut page = Page::open();
    page.receive(&[b"\x05\0\0\0he"]);
    page.tell(Msg::SocketClosed { number: 1, code: 1000, reason: String::new() });
    assert_eq!(*page.state(), ConnectionState::EndOfStream);
    assert_eq!(rows(&page.state, List::Chunks), 2, "the chunk, and the end of the stream");
    let record = page.state.record().unwrap();
    let row = message_row(record, &page.state.moment(), 0);
    assert!(matches!(row, Some(MessageRow::Incomplete { truncated: true, missing: 3, .. })));
}

#[test]
fn events_of_an_earlier_connection_change_nothing() {
    let mut page = Page::open();
    page.receive(&[b"x"]);
    page.reconnect();
    page.tell(Msg::SocketReceived(1, b"late".to_vec()));
    page.tell(Msg::SocketClosed { number: 1, code: 1006, reason: String::new() });
    assert_eq!(*page.state(), ConnectionState::Connecting);
    assert_eq!(page.state.connections[0].received().end(), 1);
    assert_eq!(page.state.connections[0].state, ConnectionState::Closed);
}

#[test]
fn a_changed_read_option_opens_a_new_connection_and_changes_the_link() {
    let mut page = Page::open();
    page.receive(&[b"x"]);
    let effects = page.tell(Msg::RecvTyped("5".into()));
    let path = "/bridge/demo?recv=5&delay_ms=0&nodelay=1".to_owned();
    assert_eq!(
        effects,
        [
            Effect::SetFragment("recv=5".into()),
            Effect::Open { number: 2, bridge: Bridge::Relay(path) }
        ]
    );
    assert_eq!(page.tell(Msg::RecvTyped("5".into())), [], "nothing changed");
    assert_eq!(page.tell(Msg::RecvTyped("0".into())), []);
    assert!(page.state.bad_recv);
    assert_eq!(page.state.link.read_options, ReadOptions { recv: 5, ..ReadOptions::PAGE_DEFAULT });
}

#[test]
fn connections_without_traffic_are_not_kept_and_the_others_are_bounded() {
    let mut page = Page::open();
    for _ in 0..3 {
        page.reconnect();
    }
    assert_eq!(page.state.connections.len(), 1);
    for _ in 0..2 * KEPT_CONNECTIONS {
        let number = page.state.current().expect("there is a connection").number;
        page.tell(opened(number, "binary"));
        page.receive(&[b"x"]);
        page.reconnect();
    }
    assert_eq!(page.state.connections.len(), KEPT_CONNECTIONS);
    assert!(page.state.shows_current());
}

#[test]
fn another_header_format_decodes_the_received_bytes_again_without_a_new_connection() {
    let mut page = Page::open();
    page.receive(&[b"\x05\0\0\0hello"]);
    page.tell(Msg::Selected(Some(received(ItemKind::Message(0)))));
    let effects = page.tell(Msg::HeaderChosen("!I".parse().unwrap()));
    assert_eq!(effects, [Effect::SetFragment("header=%21I&write_header=%3Ci".into())]);
    let rest = page.state.connection().unwrap().received().rest(9);
    assert!(matches!(rest, Rest::Broken { .. }), "{rest:?}");
    assert_eq!(page.state.selected, None);
    let effects = page.tell(Msg::HeaderChosen("<i".parse().unwrap()));
    assert_eq!(effects, [Effect::SetFragment(String::new())]);
    assert_eq!(rows(&page.state, List::Messages), 1);
}

#[test]
fn headers_are_read_and_written_in_separate_formats() {
    let mut page = Page::open();
    page.receive(&[b"\x02\0\0\0hi"]);
    let effects = page.tell(Msg::HeaderChosen("!I".parse().unwrap()));
    assert_eq!(effects, [Effect::SetFragment("header=%21I&write_header=%3Ci".into())]);
    page.tell(Msg::TextTyped("a".into()));
    assert_eq!(page.tell(Msg::Send), [sends(b"\x01\0\0\0a", 1)]);
    let messages = |page: &Page, direction| {
        let stream = page.state.record().unwrap().stream(direction);
        stream.messages_until(stream.end()).len()
    };
    assert_eq!(messages(&page, Direction::Received), 0, "2 is no length in network order");
    assert_eq!(messages(&page, Direction::Sent), 1);
    let effects = page.tell(Msg::WriteHeaderChosen("!I".parse().unwrap()));
    assert_eq!(effects, [Effect::SetFragment("header=%21I".into())], "one is enough for both");
    assert_eq!(page.tell(Msg::Send), [sends(b"\0\0\0\x01a", 1)]);
    let effects = page.tell(Msg::HeaderChosen("<i".parse().unwrap()));
    assert_eq!(effects, [Effect::SetFragment("write_header=%21I".into())]);
    assert_eq!(messages(&page, Direction::Received), 1);
}

#[test]
fn the_formats_of_a_link_are_those_of_its_connection() {
    let mut page = Page::with(Link::parse("header=!I&write_header=<i"));
    page.tell(Msg::RelayInfoArrived(Some(info())));
    let connection = page.state.current().unwrap();
    assert_eq!(connection.received().format(), Some(HeaderFormat::NETWORK_UNSIGNED));
    let sent = connection.record.stream(Direction::Sent);
    assert_eq!(sent.format(), Some(HeaderFormat::LITTLE_SIGNED));
    let both = Page::with(Link::parse("header=!I")).state;
    assert_eq!(
        (both.format(), both.write_format()),
        (HeaderFormat::NETWORK_UNSIGNED, HeaderFormat::NETWORK_UNSIGNED)
    );
}

#[test]
fn a_preset_fills_the_composer_and_sends_nothing() {
    let mut page = Page::open();
    assert_eq!(page.tell(Msg::PresetChosen("/burst 5 hello".into(), 2)), []);
    assert_eq!(page.state.composer.text, "/burst 5 hello");
    assert_eq!(page.tell(Msg::Send), [sends(b"\x0e\0\0\0/burst 5 hello", 2)]);
}

#[test]
fn stepping_back_shows_only_what_had_arrived() {
    let mut page = Page::open();
    page.receive(&[b"\x05\0", b"\0\0hel", b"lo"]);
    page.tell(Msg::Stepped(Move::By(-1)));
    assert_eq!(page.received_end(), 7);
    assert_eq!(rows(&page.state, List::Chunks), 2);
    page.tell(Msg::Stepped(Move::First));
    assert_eq!((page.received_end(), rows(&page.state, List::Messages)), (0, 0));
    page.tell(Msg::SteppedTo(1));
    assert_eq!(page.received_end(), 2);
    page.tell(Msg::Stepped(Move::By(99)));
    assert_eq!((page.received_end(), page.state.cursor), (9, None));
}

#[test]
fn bytes_that_arrive_at_an_earlier_moment_on_screen_do_not_move_the_cursor() {
    let mut page = Page::open();
    page.receive(&[b"a", b"b"]);
    page.tell(Msg::Stepped(Move::First));
    page.receive(&[b"c"]);
    assert_eq!(page.received_end(), 0);
    page.tell(Msg::Send);
    assert_eq!(page.received_end(), 3, "a send shows the newest event");
}

#[test]
fn playing_goes_from_the_beginning_to_the_end_and_stops() {
    let mut page = Page::open();
    page.receive(&[b"a", b"b"]);
    assert_eq!(page.tell(Msg::PlayToggled), [Effect::Play(true)]);
    assert_eq!(page.received_end(), 0);
    assert_eq!(page.tell(Msg::Ticked), []);
    assert_eq!(page.received_end(), 1);
    assert_eq!(page.tell(Msg::Ticked), [Effect::Play(false)]);
    assert!(!page.state.playing && page.received_end() == 2);
}

#[test]
fn the_lanes_follow_the_newest_event_until_the_user_moves_them() {
    let mut page = Page::open();
    page.receive(&[&[b'x'; 100]]);
    assert_eq!(page.state.received_first, 80);
    page.tell(Msg::Panned(Direction::Received, -30));
    page.receive(&[&[b'x'; 100]]);
    assert_eq!(page.state.received_first, 50);
    page.tell(Msg::FollowToggled);
    assert_eq!(page.state.received_first, 180);
    page.tell(Msg::Panned(Direction::Received, i64::MIN));
    assert_eq!(page.state.received_first, 0);
    page.tell(Msg::PannedTo(Direction::Received, 0.5));
    assert_eq!(page.state.received_first, 90);
}

#[test]
fn the_lists_follow_the_newest_event_until_the_user_scrolls_back() {
    let mut page = Page::open();
    page.receive(&[&b"a"[..]; 10]);
    assert_eq!(page.state.chunk_list.first, 6);
    page.tell(Msg::ListScrolled(List::Chunks, ListView { first: 2, rows: 4 }));
    page.receive(&[b"a"]);
    assert_eq!(page.state.chunk_list.first, 2);
}

#[test]
fn the_selection_moves_by_bytes_chunks_and_messages() {
    let mut page = Page::open();
    page.receive(&[b"\x01\0\0\0a", b"\x01\0\0\0b\x01\0\0\0c"]);
    let mut moved = |unit, by| {
        page.tell(Msg::SelectionMoved(Direction::Received, unit, by));
        page.state.selected.unwrap().kind
    };
    assert_eq!(moved(Unit::Byte, Move::By(1)), ItemKind::Byte(0));
    assert_eq!(moved(Unit::Byte, Move::By(1)), ItemKind::Byte(1));
    assert_eq!(moved(Unit::Byte, Move::Last), ItemKind::Byte(14));
    assert_eq!(moved(Unit::Chunk, Move::By(-1)), ItemKind::Chunk(0));
    assert_eq!(moved(Unit::Message, Move::By(1)), ItemKind::Message(1));
    assert_eq!(moved(Unit::Message, Move::By(9)), ItemKind::Message(2));
    assert_eq!(moved(Unit::Byte, Move::First), ItemKind::Byte(0));
}

#[test]
fn a_selected_item_is_moved_onto_the_screen() {
    let mut page = Page::open();
    page.receive(&[&[b'x'; 50], &[b'x'; 50]]);
    page.tell(Msg::Selected(Some(received(ItemKind::Byte(3)))));
    assert!(page.state.viewport(Direction::Received).window().contains(&3));
    assert!(!page.state.follow);
}

#[test]
fn the_item_under_the_pointer_is_highlighted_and_without_one_the_selected_item() {
    let mut page = Page::open();
    page.receive(&[b"\x01\0\0\0a", b"\x01\0\0\0b"]);
    page.tell(Msg::Selected(Some(received(ItemKind::Message(0)))));
    page.tell(Msg::Pointed(Some(received(ItemKind::Chunk(1)))));
    assert_eq!(page.state.highlight().unwrap().bytes, 5..10);
    page.tell(Msg::Pointed(None));
    assert_eq!(page.state.highlight().unwrap().bytes, 0..5);
}

#[test]
fn a_link_with_an_unknown_target_connects_to_the_built_in_server() {
    let link = Link { target: Some("gone".into()), ..Link::default() };
    let mut page = Page::with(link);
    page.tell(Msg::RelayInfoArrived(Some(info())));
    assert_eq!(page.state.target(), "demo");
    let effects = page.tell(Msg::TargetChosen("mine".into()));
    assert!(effects.contains(&Effect::SetFragment("target=mine".into())));
    assert_eq!(page.state.current().unwrap().target, "mine");
}

#[test]
fn a_relay_without_built_in_servers_is_asked_for_its_first_target() {
    let mut page = Page::with(Link::default());
    let targets = ["mine", "other"].map(str::to_owned).to_vec();
    let own = RelayInfo { tcp_address: None, targets, ..info() };
    page.tell(Msg::RelayInfoArrived(Some(own)));
    assert_eq!(page.state.target(), "mine");
}

#[test]
fn the_server_without_a_header_is_not_in_the_list_of_targets_but_a_link_leads_to_it() {
    let mut page = Page::with(Link { target: Some("demo-plain".into()), ..Link::default() });
    assert_eq!(page.state.listed_targets().count(), 0);
    page.tell(Msg::RelayInfoArrived(Some(info())));
    assert_eq!(page.state.listed_targets().collect::<Vec<_>>(), ["demo", "mine"]);
    assert_eq!(page.state.current().unwrap().target, "demo-plain");
}

#[test]
fn each_change_of_a_preference_is_saved() {
    let mut page = Page::open();
    for msg in [
        Msg::LanguageToggled,
        Msg::ThemeToggled,
        Msg::ProjectorToggled,
        Msg::NotationToggled,
        Msg::ShortcutsToggled,
    ] {
        assert_eq!(page.tell(msg), [Effect::Remember]);
    }
    assert_eq!(page.state.locale.language, Language::Chinese);
    assert!(page.state.preferences.projector);
}
