//! Recordings of bridge sessions, opened from files.

use framescope_lab::{Bridge, Crossed, Crossing, Direction, KeptFile, Recording, json_tail};

use super::{Page, facts};
use crate::connection::State;
use crate::model::{KEPT_CONNECTIONS, Room};
use crate::msg::{Effect, Msg};

/// A session that sent one message and received two, the second of them in pieces.
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
    page.tell(Msg::FileOpened(Box::new(KeptFile::Recording(recording()))))
}

#[test]
fn a_recording_is_shown_with_its_own_header_times_and_end() {
    let mut page = Page::open();
    page.tell(Msg::RoomChosen(Room::Lab));
    open(&mut page);
    assert_eq!(page.model.room, Room::Live);
    let shown = page.model.connection().expect("it is shown");
    assert_eq!(shown.state, State::Recorded { end: "the target closed its side".to_owned() });
    assert_eq!((&*shown.target, shown.levers.recv, shown.levers.delay_ms), ("db", 8, 50));
    assert_eq!(page.model.shown_format().notation(), "!I");
    let received = shown.record.stream(Direction::Received);
    assert_eq!(received.messages_until(received.end()).len(), 2);
    assert_eq!(received.chunk(1).map(|chunk| (chunk.asked, chunk.at)), Some((8, 3000)));
    assert_eq!(page.model.moment().end(Direction::Sent), 6);
    assert!(page.model.moment().has_ended());
    assert_eq!(page.model.positions(), 0..=4);
    page.tell(Msg::SteppedTo(2));
    assert_eq!(page.received_end(), 8);
    assert!(!page.model.moment().has_ended());
}

#[test]
fn a_live_connection_goes_on_behind_a_recording() {
    let mut page = Page::open();
    page.receive(&[b"\x02\0\0\0hi"]);
    open(&mut page);
    assert_eq!(page.state(), &State::Open);
    page.receive(&[b"\x02\0\0\0ho"]);
    assert_eq!(page.received_end(), 13, "the recording is on screen");
    let live = page.model.current().expect("it is there");
    assert_eq!((live.number, live.received().end()), (1, 12));
    // What is sent is for the live one, and brings it back.
    let effects = page.tell(Msg::SendText("hey".to_owned()));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Send(_))), "{effects:?}");
    assert!(page.model.shows_current());
    page.tell(Msg::Show(2));
    assert!(page.model.shows_recording());
}

#[test]
fn another_header_is_for_the_recording_or_for_the_page_not_for_both() {
    let mut page = Page::open();
    page.receive(&[b"\x02\0\0\0hi"]);
    open(&mut page);
    page.tell(Msg::HeaderChosen("<i".parse().expect("it is a header")));
    assert_eq!(page.model.shown_format().notation(), "<i");
    page.tell(Msg::HeaderChosen(">i".parse().expect("it is a header")));
    assert_eq!(page.model.format().notation(), "<i");
    page.tell(Msg::Show(1));
    page.tell(Msg::HeaderChosen("!i".parse().expect("it is a header")));
    page.tell(Msg::Show(2));
    assert_eq!(page.model.shown_format().notation(), ">i");
    assert_eq!(page.model.format().notation(), "!i");
}

#[test]
fn numbers_stay_unique_and_what_is_kept_is_bounded() {
    let mut page = Page::open();
    page.receive(&[b"\x02\0\0\0hi"]);
    for _ in 0..KEPT_CONNECTIONS + 3 {
        open(&mut page);
    }
    page.reconnect();
    let numbers: Vec<u32> = page.model.connections.iter().map(|kept| kept.number).collect();
    assert_eq!(numbers.len(), KEPT_CONNECTIONS);
    assert!(numbers.is_sorted_by(|one, two| one < two), "{numbers:?}");
    assert_eq!(page.model.current().map(|current| current.number), numbers.last().copied());
}

#[test]
fn a_relay_that_appears_takes_no_recording_off_the_screen() {
    let mut page = Page::new();
    page.tell(Msg::FactsArrived(None));
    open(&mut page);
    page.tell(Msg::FactsArrived(Some(facts())));
    assert!(page.model.shows_recording());
    assert_eq!(page.state(), &State::Connecting);
}

#[test]
fn why_a_file_did_not_open_is_said_until_one_does() {
    let mut page = Page::open();
    page.receive(&[b"\x02\0\0\0hi"]);
    page.tell(Msg::FileFailed("this is neither".to_owned()));
    assert_eq!(page.model.file_problem.as_deref(), Some("this is neither"));
    assert_eq!(page.received_end(), 6, "what was on screen stays");
    open(&mut page);
    assert_eq!(page.model.file_problem, None);
}
