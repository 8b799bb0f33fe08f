//! Tests of connections whose chunks have the relay's times, and of those whose chunks have the page's.

use framescope_protocol::{READS_SUBPROTOCOL, TimedRead};
use framescope_record::Direction;

use super::{Page, opened};
use crate::effect::Effect;
use crate::msg::Msg;
use crate::screen::lists::{chunk_time, received_note};
use crate::state::{Clock, ConnectionState, UNREADABLE};

/// A message of reads, each with its time in microseconds.
fn message(reads: &[(u64, &[u8])]) -> Vec<u8> {
    let encoded = reads.iter().map(|(at, bytes)| {
        let length = u32::try_from(bytes.len()).expect("it is short");
        [&TimedRead::head(*at, length)[..], bytes].concat()
    });
    encoded.collect::<Vec<_>>().concat()
}

/// The times of the chunks, as their list shows them.
fn times(page: &Page) -> Vec<String> {
    let stream = page.state.record().expect("it is shown").stream(Direction::Received);
    let chunks = stream.chunk_numbers().filter_map(|number| stream.chunk(number));
    chunks.map(|chunk| chunk_time(&page.state, chunk)).collect()
}

#[test]
fn each_read_of_a_message_is_a_chunk_with_the_relays_time() {
    let mut page = Page::open_as(READS_SUBPROTOCOL);
    let reads: [(u64, &[u8]); 3] =
        [(1_234_567, b"\x02\0"), (1_234_567, b"\0\0h"), (1_234_601, b"i")];
    let said = page.tell(Msg::SocketReceived(1, message(&reads)));
    assert_eq!(said, [Effect::Announce("Message 1: \"hi\"".to_owned())]);
    page.tell(Msg::SocketReceived(1, message(&[(2_000_000, b"x")])));
    assert_eq!(times(&page), ["1234.567 ms", "1234.567 ms", "1234.601 ms", "2000.000 ms"]);
    let stream = page.state.record().unwrap().stream(Direction::Received);
    let chunk = stream.chunk(1).unwrap();
    assert_eq!((chunk.range.clone(), chunk.asked), (2..5, 1024));
    assert_eq!(page.state.positions(), 0..=4, "each read is an event");
    assert!(received_note(&page.state).contains("its time is the relay's"));
}

#[test]
fn a_send_is_never_before_what_had_arrived() {
    let mut page = Page::open_as(READS_SUBPROTOCOL);
    let sent = |page: &Page, number| {
        let stream = page.state.record().unwrap().stream(Direction::Sent);
        stream.chunk(number).expect("it was sent").at
    };
    page.tell(opened(1, READS_SUBPROTOCOL));
    page.now += 9.0;
    page.tell(Msg::TextTyped("a".to_owned()));
    page.tell(Msg::Send);
    assert_eq!(sent(&page, 0), 11_000, "since the session was opened");
    page.tell(Msg::SocketReceived(1, message(&[(90_000, b"x")])));
    page.tell(Msg::TextTyped("b".to_owned()));
    page.tell(Msg::Send);
    assert_eq!(sent(&page, 1), 90_000);
    assert_eq!(page.state.time(), Some(90_000));
}

#[test]
fn a_relay_without_times_is_used_with_the_pages_clock() {
    for subprotocol in ["binary", ""] {
        let mut page = Page::open_as(subprotocol);
        page.receive(&[b"\x02\0\0\0h", b"i"]);
        assert_eq!(page.state.connection().map(|connection| connection.clock), Some(Clock::Page));
        assert_eq!(times(&page), ["0.0 ms", "1.0 ms"]);
        assert!(received_note(&page.state).contains("when this page got it"));
    }
}

#[test]
fn each_connection_keeps_its_own_clock() {
    let mut page = Page::open();
    page.receive(&[b"x"]);
    page.reconnect();
    assert!(received_note(&page.state).contains("the relay's"), "the page asks for it");
    page.tell(opened(2, READS_SUBPROTOCOL));
    page.tell(Msg::SocketReceived(2, message(&[(7, b"y")])));
    assert_eq!(times(&page), ["0.007 ms"]);
    page.tell(Msg::Show(1));
    assert_eq!(times(&page), ["0.0 ms"]);
}

#[test]
fn a_relay_that_breaks_the_subprotocol_is_given_up_and_what_came_before_is_kept() {
    for broken in [&b""[..], b"hello", &TimedRead::head(1, 0), &TimedRead::head(1, u32::MAX)] {
        let mut page = Page::open_as(READS_SUBPROTOCOL);
        page.tell(Msg::SocketReceived(1, message(&[(7, b"y")])));
        let bad = [&message(&[(8, b"z")])[..], broken, &[b'x'][..]].concat();
        assert_eq!(page.tell(Msg::SocketReceived(1, bad)), [Effect::Close], "{broken:?}");
        assert!(
            matches!(page.state(), ConnectionState::Lost { code: UNREADABLE, reason } if !reason.is_empty())
        );
        assert_eq!(page.received_end(), 1, "nothing of the bad message is shown");
        page.tell(Msg::SocketReceived(1, message(&[(9, b"z")])));
        assert_eq!(page.received_end(), 1);
    }
}

#[test]
fn a_time_that_goes_back_and_a_read_longer_than_its_recv_are_refused_with_a_sentence() {
    let longer = vec![b'z'; 1025];
    for (bad, said) in [
        (message(&[(6, b"z")]), "a read at 6 µs comes after one at 7 µs"),
        (message(&[(9, b"z"), (8, b"z")]), "a read at 8 µs comes after one at 9 µs"),
        (message(&[(9, &longer)]), "a read of at most 1024 bytes has 1025"),
    ] {
        let mut page = Page::open_as(READS_SUBPROTOCOL);
        page.tell(Msg::SocketReceived(1, message(&[(7, b"y")])));
        assert_eq!(page.tell(Msg::SocketReceived(1, bad)), [Effect::Close], "{said}");
        let lost = ConnectionState::Lost { code: UNREADABLE, reason: said.to_owned() };
        assert_eq!(page.state(), &lost);
        assert_eq!(page.received_end(), 1, "what came before is kept");
    }
}
