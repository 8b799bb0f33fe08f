//! The conversations of the built-in servers, without a socket.

use std::time::Duration;

use framescope_engine::demo::{Action, Conversation, End, RECV};
use framescope_framing::{DecodeError, HeaderFormat, Truncated, encode};
use proptest::prelude::*;

const FORMAT: HeaderFormat = HeaderFormat::LITTLE_SIGNED;

/// What a server did.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Did {
    Awaited,
    Sent(Vec<u8>),
    Paused(u64),
    Closed(End),
}

fn framed(payload: impl AsRef<[u8]>) -> Vec<u8> {
    let mut wire = Vec::new();
    encode(FORMAT, payload.as_ref(), &mut wire).expect("it is short");
    wire
}

fn sent(payload: impl AsRef<[u8]>) -> Did {
    Did::Sent(framed(payload))
}

fn server() -> Conversation {
    Conversation::framed(FORMAT, 1000)
}

/// Lets the server receive these chunks, and then no more.
fn talk(server: &mut Conversation, chunks: &[&[u8]]) -> Vec<Did> {
    let mut chunks = chunks.iter();
    let mut did = Vec::new();
    loop {
        match server.next_action() {
            Action::Recv => {
                let Some(chunk) = chunks.next() else { return did };
                server.buffer()[..chunk.len()].copy_from_slice(chunk);
                server.received(chunk.len());
            }
            Action::AwaitReadable => did.push(Did::Awaited),
            Action::Send(bytes) => did.push(Did::Sent(bytes.to_vec())),
            Action::Pause(pause) => {
                did.push(Did::Paused(pause.as_millis().try_into().expect("it is short")));
            }
            Action::Close(end) => {
                did.push(Did::Closed(end));
                return did;
            }
        }
    }
}

fn ask(request: &str) -> Vec<Did> {
    talk(&mut server(), &[&framed(request)])
}

#[test]
fn each_command_is_what_the_server_does_next() {
    assert_eq!(ask("hello"), [sent("hello")]);
    assert_eq!(ask("/burst 3 hi"), [sent("hi"), sent("hi"), sent("hi")]);
    assert_eq!(ask("/burst 0 hi"), []);
    assert_eq!(ask("/big 12"), [sent("012345678901")]);
    assert_eq!(ask("/negative"), [Did::Sent(vec![0xff; 4])]);
    assert_eq!(ask("/huge"), [Did::Sent(vec![0xff, 0xff, 0xff, 0x7f])]);
    assert_eq!(ask("/hepl"), [sent("error: no such command; /help lists them")]);
    assert_eq!(ask("/tick 2 250"), [sent("tick 1 of 2"), Did::Paused(250), sent("tick 2 of 2")]);
    let split = framed("hi");
    assert_eq!(
        ask("/split hi"),
        [Did::Sent(split[..2].to_vec()), Did::Paused(300), Did::Sent(split[2..].to_vec())]
    );
    let drip = framed("hi").into_iter().flat_map(|byte| [Did::Sent(vec![byte]), Did::Paused(40)]);
    assert_eq!(ask("/drip hi"), drip.collect::<Vec<_>>());
}

#[test]
fn the_end_says_why() {
    let whole = framed("this message will not be finished");
    assert_eq!(ask("/die"), [Did::Sent(whole[..whole.len() / 2].to_vec()), Did::Closed(End::Died)]);
    assert_eq!(talk(&mut server(), &[b""]), [Did::Closed(End::ClientClosed)]);
    let truncated = Truncated::Payload { declared: 5, have: 1 };
    assert_eq!(
        talk(&mut server(), &[b"\x05\0\0\0h", b""]),
        [Did::Closed(End::Truncated(truncated))]
    );
    let did = talk(&mut server(), &[&framed("x"), &[0xff; 4]]);
    let error = DecodeError::Negative { declared: -1, offset: 5 };
    assert_eq!(did[1], sent(format!("error: {error}")));
    assert_eq!(did[2], Did::Closed(End::BadHeader(error.clone())));
    // It stays over.
    let mut server = server();
    talk(&mut server, &[&[0xff; 4]]);
    assert!(matches!(server.next_action(), Action::Close(End::BadHeader(_))));
}

#[test]
fn a_server_without_a_header_waits_before_its_recv_and_echoes_what_it_returned() {
    let pause = Did::Paused(20);
    let mut plain = Conversation::plain();
    assert_eq!(
        talk(&mut plain, &[b"hellohello", b"\xff\xff\xff\xff", b""]),
        [
            Did::Awaited,
            pause.clone(),
            Did::Sent(b"hellohello".to_vec()),
            Did::Awaited,
            pause.clone(),
            Did::Sent(vec![0xff; 4]),
            Did::Awaited,
            pause,
            Did::Closed(End::ClientClosed),
        ]
    );
}

#[test]
fn a_long_answer_is_made_message_by_message() {
    let mut server = server();
    let request = framed("/tick 10000 60000");
    server.buffer()[..request.len()].copy_from_slice(&request);
    assert_eq!(server.next_action(), Action::Recv);
    server.received(request.len());
    assert_eq!(server.next_action(), Action::Send(&framed("tick 1 of 10000")));
    assert_eq!(server.next_action(), Action::Pause(Duration::from_mins(1)));
    assert_eq!(server.next_action(), Action::Send(&framed("tick 2 of 10000")));
}

proptest! {
    #[test]
    fn the_cuts_between_chunks_change_nothing(
        requests in prop::collection::vec("(/burst [0-3] |/drip |/split |/big |/tick )?[a-z0-9 ]{0,9}", 0..8),
        cuts in prop::collection::vec(1_usize..20, 1..40),
    ) {
        let wire: Vec<u8> = requests.iter().flat_map(framed).collect();
        let whole: Vec<&[u8]> = wire.chunks(RECV).collect();
        let mut rest = &wire[..];
        let mut pieces = Vec::new();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at(rest.len().min(*cut));
            pieces.push(piece);
            rest = after;
        }
        prop_assert_eq!(talk(&mut server(), &pieces), talk(&mut server(), &whole));
    }
}
