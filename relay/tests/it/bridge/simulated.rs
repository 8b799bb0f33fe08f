//! The simulated bridge beside a real one: the same script gives the same bytes and the same messages, and the same end.
//!
//! Where reads are cut depends on the machine, so it is compared only where a delay stands between them.

use framescope_engine::bridge::{Bridge, Given};
use framescope_framing::{Decoder, HeaderFormat, encode};
use framescope_protocol::{READS_SUBPROTOCOL, TimedReads};

use crate::support::TestRelay;
use crate::support::timed_reads::{Read, bytes_of, reads, receive_reads_to_close};
use crate::support::websocket::Client;

const FORMAT: HeaderFormat = HeaderFormat::LITTLE_SIGNED;

/// What a client got: the bytes of each read, and the end.
#[derive(Debug, PartialEq, Eq)]
struct Got {
    reads: Vec<Vec<u8>>,
    end: Option<(u16, String)>,
}

impl Got {
    fn bytes(&self) -> Vec<u8> {
        self.reads.concat()
    }

    fn messages(&self) -> Vec<Vec<u8>> {
        let bytes = self.bytes();
        let mut rest = &bytes[..];
        let mut decoder = Decoder::new(FORMAT);
        std::iter::from_fn(|| Some(decoder.decode(&mut rest).ok()??.payload.to_vec())).collect()
    }
}

fn framed(payload: &str) -> Vec<u8> {
    let mut wire = Vec::new();
    encode(FORMAT, payload.as_bytes(), &mut wire).expect("it is short");
    wire
}

/// Sends each message when the answers to those before have come. `None` waits for the end.
async fn on_sockets(relay: &TestRelay, path: &str, script: &[(Vec<u8>, Option<usize>)]) -> Got {
    let mut client = Client::open_offering(relay.http, path, Some(READS_SUBPROTOCOL)).await;
    let mut all: Vec<Read> = Vec::new();
    let mut end = None;
    for (message, answer) in script {
        client.send(message.clone()).await;
        let Some(length) = answer else {
            let (messages, code, reason) = receive_reads_to_close(&mut client).await;
            all.extend(messages.into_iter().flatten());
            end = Some((code, reason));
            break;
        };
        let length = bytes_of(&all).len() + length;
        while bytes_of(&all).len() < length {
            all.extend(reads(&client.receive_bytes().await));
        }
    }
    Got { reads: all.into_iter().map(|(_, bytes)| bytes.to_vec()).collect(), end }
}

fn simulated(path: &str, script: &[(Vec<u8>, Option<usize>)]) -> Got {
    let mut bridge = Bridge::open(path, FORMAT).expect("there is such a server");
    let mut got = Got { reads: Vec::new(), end: None };
    let mut now = 0;
    for (message, _) in script {
        bridge.send(message.clone());
        while let Some(due) = bridge.go_on(now) {
            now = now.max(due);
        }
        while let Some(given) = bridge.take_given() {
            match given {
                Given::Reads(message) => {
                    bridge.confirm(message.len());
                    let reads = TimedReads::decode(&message).expect("reads are whole");
                    got.reads.extend(reads.map(|read| read.bytes.to_vec()));
                }
                Given::Closed { code, reason } => got.end = Some((code, reason)),
            }
        }
    }
    got
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_script_gives_the_same_bytes_messages_and_end() {
    // The answer of /help is not waited for: the next message follows it at once.
    let answers: [(&str, usize); 10] = [
        ("hello", 9),
        ("", 4),
        ("/burst 3 hi", 18),
        ("/drip hey", 7),
        ("/split hey", 7),
        ("/big 3000", 3004),
        ("/tick 3 20", 45),
        ("/hepl", 43),
        ("/help", 0),
        ("/negative", 4),
    ];
    let script = |end: Vec<u8>| {
        let asked = answers.iter().map(|(request, length)| (framed(request), Some(*length)));
        asked.chain([(end, None)]).collect::<Vec<_>>()
    };
    let relay = TestRelay::start().await;
    for end in [framed("/die"), vec![0xff; 4]] {
        for query in ["", "recv=5", "recv=700&nodelay=0"] {
            let path = format!("/bridge/demo?{query}");
            let script = script(end.clone());
            let (real, model) =
                (on_sockets(&relay, &path, &script).await, simulated(&path, &script));
            assert_eq!(real.messages(), model.messages(), "{path}");
            assert!(real.bytes() == model.bytes(), "{path}");
            assert_eq!(real.end, model.end, "{path}");
            assert!(real.end.is_some());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_delay_the_reads_are_the_same() {
    let relay = TestRelay::start().await;
    let path = "/bridge/demo?recv=4&delay_ms=20";
    let script = [(framed("hello world"), Some(15)), (framed("/die"), None)];
    let real = on_sockets(&relay, path, &script).await;
    assert_eq!(real, simulated(path, &script));
    assert_eq!(real.reads[..4], [&b"\x0b\0\0\0"[..], b"hell", b"o wo", b"rld"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_header_the_bytes_are_the_same() {
    let relay = TestRelay::start().await;
    let path = "/bridge/demo-plain?recv=7";
    let script = [(b"hello".to_vec(), Some(5)), (vec![0xff; 1000], Some(1000))];
    let (real, model) = (on_sockets(&relay, path, &script).await, simulated(path, &script));
    assert!(real.bytes() == model.bytes());
    assert_eq!((real.end, model.end), (None, None));
}
