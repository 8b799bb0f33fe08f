//! Tests of recordings that are opened from files.

use framescope_lab::{FileProblem, SavedFile};
use framescope_record::{Bridge, Crossed, Crossing, Direction, Recording, json_tail};

use super::{Page, info};
use crate::effect::Effect;
use crate::msg::{LabMsg, Msg};
use crate::state::{ConnectionState, KEPT_CONNECTIONS, Problem, Tab};

/// A session that sent one message and received two. The second arrived in two chunks.
fn recording() -> Recording {
    let bridge = Bridge {
        target: "db".to_owned(),
        recv: 8,
        delay_ms: 50,
        nodelay: true,
        header: "!I".parse().expect("it is a header"),
    };
    let crossings = [
        Crossed::Sent(b"\0\0\0\x02hi".into()),
        Crossed::Received(b"\0\0\0\x02hi\0\0".into()),
        Crossed::Received(b"\0\x03ho!".into()),
        Crossed::Received(b"".into()),
    ];
    let events: Vec<String> = crossings
        .into_iter()
        .zip((1..).map(|number| number * 1000))
        .map(|(what, at)| Crossing { at, what }.to_json())
        .collect();
    let json = bridge.json_head() + &events.join(",") + &json_tail("the target closed its side");
    Recording::from_json(&json).expect("it is a recording")
}

fn open(page: &mut Page) -> Vec<Effect> {
    page.open_file(SavedFile::Recording(recording()))
}

#[test]
fn a_recording_is_shown_with_its_own_header_format_times_and_end() {
    let mut page = Page::open();
    page.tell(Msg::TabChosen(Tab::Lab));
    open(&mut page);
    assert_eq!(page.state.tab, Tab::Live);
    let shown = page.state.connection().expect("it is shown");
    assert_eq!(
        shown.state,
        ConnectionState::Recorded { end: "the target closed its side".to_owned() }
    );
    assert_eq!(
        (&*shown.target, shown.read_options.recv, shown.read_options.delay_ms),
        ("db", 8, 50)
    );
    assert_eq!(page.state.shown_format().unwrap().notation(), "!I");
    let received = shown.record.stream(Direction::Received);
    assert_eq!(received.messages_until(received.end()).len(), 2);
    assert_eq!(received.chunk(1).map(|chunk| (chunk.asked, chunk.at)), Some((8, 3000)));
    assert_eq!(page.state.moment().end(Direction::Sent), 6);
    assert!(page.state.moment().has_ended());
    assert_eq!(page.state.positions(), 0..=4);
    page.tell(Msg::SteppedTo(2));
    assert_eq!(page.received_end(), 8);
    assert!(!page.state.moment().has_ended());
}

#[test]
fn a_live_connection_stays_open_while_a_recording_is_on_screen() {
    let mut page = Page::open();
    page.receive(&[b"\x02\0\0\0hi"]);
    open(&mut page);
    assert_eq!(page.state(), &ConnectionState::Open);
    page.receive(&[b"\x02\0\0\0ho"]);
    assert_eq!(page.received_end(), 13, "the recording is on screen");
    let live = page.state.current().expect("it is there");
    assert_eq!((live.number, live.received().end()), (1, 12));
    // A send goes to the live connection and shows it.
    page.tell(Msg::TextTyped("hey".to_owned()));
    let effects = page.tell(Msg::Send);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Send { .. })), "{effects:?}");
    assert!(page.state.shows_current());
    page.tell(Msg::Show(2));
    assert!(page.state.shows_recording());
}

#[test]
fn another_header_format_applies_to_the_recording_or_to_the_page_and_never_to_both() {
    let mut page = Page::open();
    page.receive(&[b"\x02\0\0\0hi"]);
    open(&mut page);
    page.tell(Msg::HeaderChosen("<i".parse().expect("it is a header")));
    assert_eq!(page.state.shown_format().unwrap().notation(), "<i");
    page.tell(Msg::HeaderChosen(">i".parse().expect("it is a header")));
    assert_eq!(page.state.format().notation(), "<i");
    page.tell(Msg::Show(1));
    page.tell(Msg::HeaderChosen("!i".parse().expect("it is a header")));
    page.tell(Msg::Show(2));
    assert_eq!(page.state.shown_format().unwrap().notation(), ">i");
    assert_eq!(page.state.format().notation(), "!i");
}

#[test]
fn connection_numbers_are_unique_and_the_number_of_connections_is_bounded() {
    let mut page = Page::open();
    page.receive(&[b"\x02\0\0\0hi"]);
    for _ in 0..KEPT_CONNECTIONS + 3 {
        open(&mut page);
    }
    page.reconnect();
    let numbers: Vec<u32> = page.state.connections.iter().map(|kept| kept.number).collect();
    assert_eq!(numbers.len(), KEPT_CONNECTIONS);
    assert!(numbers.is_sorted_by(|one, two| one < two), "{numbers:?}");
    assert_eq!(page.state.current().map(|current| current.number), numbers.last().copied());
}

#[test]
fn many_recordings_do_not_remove_the_open_connection() {
    let mut page = Page::open();
    for _ in 0..2 * KEPT_CONNECTIONS {
        open(&mut page);
    }
    assert_eq!(page.state.connections.len(), KEPT_CONNECTIONS);
    assert_eq!(page.state.current().map(|current| current.number), Some(1));
    page.receive(&[b"\x02\0\0\0hi"]);
    assert_eq!(page.state.current().map(|current| current.received().end()), Some(6));
    assert!(page.state.shows_recording());
}

#[test]
fn a_recording_without_traffic_is_kept() {
    let mut page = Page::open();
    let mut nothing = recording();
    nothing.events.clear();
    page.open_file(SavedFile::Recording(nothing));
    assert_eq!((page.state.positions(), page.received_end()), (0..=0, 0));
    page.tell(Msg::RecvTyped("5".to_owned()));
    let numbers: Vec<u32> = page.state.connections.iter().map(|kept| kept.number).collect();
    assert_eq!(numbers, [2, 3], "only the connection without traffic is gone");
    assert!(page.state.shows_current());
}

#[test]
fn a_recording_plays_from_its_beginning_to_its_end() {
    let mut page = Page::open();
    open(&mut page);
    assert_eq!(page.tell(Msg::PlayToggled), [Effect::Play(true)]);
    let mut seen = vec![page.received_end()];
    while page.tell(Msg::Ticked).is_empty() {
        seen.push(page.received_end());
    }
    assert_eq!(seen, [0, 0, 8, 13], "the beginning, the send, two reads; the last tick stops");
    assert!(page.state.moment().has_ended());
}

#[test]
fn without_a_relay_a_recording_stays_where_it_was_opened() {
    let mut page = Page::new();
    page.tell(Msg::RelayInfoArrived(None));
    assert_eq!(page.state.tab, Tab::Lab);
    open(&mut page);
    for _ in 0..3 {
        page.tell(Msg::RelayPolled(false));
        page.tell(Msg::RelayInfoArrived(None));
    }
    assert_eq!((page.state.tab, page.received_end()), (Tab::Live, 13));
}

#[test]
fn when_a_relay_appears_a_recording_stays_on_screen() {
    let mut page = Page::new();
    page.tell(Msg::RelayInfoArrived(None));
    open(&mut page);
    page.tell(Msg::RelayInfoArrived(Some(info())));
    assert!(page.state.shows_recording());
    assert_eq!(page.state(), &ConnectionState::Connecting);
}

#[test]
fn the_problem_of_a_file_is_shown_until_the_screen_shows_something_else() {
    let mut page = Page::open();
    page.receive(&[b"\x02\0\0\0hi"]);
    page.tell(Msg::FileFailed(Problem::File(FileProblem::Neither)));
    assert_eq!(page.state.problem, Some(Problem::File(FileProblem::Neither)));
    assert_eq!(page.received_end(), 6, "what was on screen stays");
    open(&mut page);
    assert_eq!(page.state.problem, None);
    for other in [Msg::Show(1), Msg::TabChosen(Tab::Lab), Msg::Lab(LabMsg::Reset)] {
        page.tell(Msg::FileFailed(Problem::File(FileProblem::Neither)));
        let shown = format!("{other:?}");
        page.tell(other);
        assert_eq!(page.state.problem, None, "{shown}");
    }
}
