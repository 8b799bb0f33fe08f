//! Bytes arrive unchanged. Each read becomes one message, and each message one write.

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::support::http::upgrade_request;
use crate::support::pattern::{Pattern, Random, expect_bytes, expect_eof};
use crate::support::target::TestTarget;
use crate::support::websocket::{self, Client, Received};
use crate::support::{Session, TestRelay, within};

#[tokio::test(flavor = "multi_thread")]
async fn one_read_of_at_most_recv_bytes_is_one_binary_message() {
    let mut session = Session::open_with("recv=5", |_| {}).await;
    session.target.write_all(b"hello world!").await.unwrap();
    for part in ["hello", " worl", "d!"] {
        assert_eq!(session.client.receive_bytes().await, part);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recv_of_one_byte_gives_one_message_a_byte() {
    let mut session = Session::open_with("recv=1", |_| {}).await;
    session.target.write_all(b"abc").await.unwrap();
    for part in ["a", "b", "c"] {
        assert_eq!(session.client.receive_bytes().await, part);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_during_the_delay_comes_with_the_next_read() {
    let mut session = Session::open_with("delay_ms=1500", |_| {}).await;
    session.target.write_all(b"a").await.unwrap();
    assert_eq!(session.client.receive_bytes().await, "a");
    for part in [b"b", b"c", b"d"] {
        session.target.write_all(part).await.unwrap();
    }
    assert_eq!(session.client.receive_bytes().await, "bcd");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_binary_message_is_one_write_and_an_empty_one_is_none() {
    let mut session = Session::open().await;
    let mut buffer = [0; 64];
    for message in ["hello", "world!"] {
        session.client.send(message).await;
        let read = within("the write arrives", session.target.read(&mut buffer)).await.unwrap();
        assert_eq!(&buffer[..read], message.as_bytes());
        session.client.send("").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_in_fragments_arrives_like_a_whole_one() {
    let mut session = Session::open().await;
    for (bytes, opcode, last) in [
        ("frag", Data::Binary, false),
        ("men", Data::Continue, false),
        ("", Data::Continue, false),
        ("ted", Data::Continue, true),
    ] {
        let frame = Frame::message(bytes, OpCode::Data(opcode), last);
        session.client.0.send(Message::Frame(frame)).await.unwrap();
    }
    expect_bytes(&mut session.target, b"fragmented").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_sends_right_after_its_upgrade_request_is_not_lost() {
    let listener = TestTarget::listen().await;
    let relay = TestRelay::start_with(|config| config.targets.push(listener.named("mine"))).await;
    let mut stream = TcpStream::connect(relay.http).await.unwrap();
    let mut request = upgrade_request(relay.http, "/bridge/mine", &[]).into_bytes();
    // A binary frame of two bytes, masked with zeroes (RFC 6455, section 5.2).
    request.extend_from_slice(b"\x82\x82\0\0\0\0hi");
    stream.write_all(&request).await.unwrap();
    let mut target = listener.accept().await;
    expect_bytes(&mut target, b"hi").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_mebibytes_cross_both_ways_at_once_and_unchanged() {
    const TOTAL: usize = 6 * 1024 * 1024;
    const LONGEST: usize = 1024 * 1024;

    for (seed, query) in [(1, ""), (2, "recv=1448"), (3, "recv=1048576&nodelay=0")] {
        let Session { client, target, relay: _relay } = Session::open_with(query, |_| {}).await;
        let (mut to_relay, mut from_relay) = client.0.split();
        let (mut from_bridge, mut to_bridge) = target.into_split();

        let client_writes = async {
            let (mut pattern, mut sizes) = (Pattern::new(seed), Random(seed));
            while pattern.position() < TOTAL {
                let size = sizes.size(LONGEST).min(TOTAL - pattern.position());
                to_relay.send(Message::binary(pattern.take(size))).await.unwrap();
            }
        };
        let target_reads = async {
            Pattern::new(seed).read(&mut from_bridge, TOTAL).await;
        };
        let target_writes = async {
            let (mut pattern, mut sizes) = (Pattern::new(!seed), Random(!seed));
            while pattern.position() < TOTAL {
                let size = sizes.size(LONGEST).min(TOTAL - pattern.position());
                to_bridge.write_all(&pattern.take(size)).await.unwrap();
            }
        };
        let client_reads = async {
            let mut pattern = Pattern::new(!seed);
            while pattern.position() < TOTAL {
                match websocket::receive(&mut from_relay).await {
                    Received::Bytes(bytes) => pattern.check(&bytes),
                    other => panic!("{other:?} after {} bytes", pattern.position()),
                }
            }
        };
        within("all bytes cross", async {
            tokio::join!(client_writes, target_reads, target_writes, client_reads)
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_demo_leads_to_the_built_in_server() {
    let relay = TestRelay::start().await;
    let mut client = Client::open(relay.http, "/bridge/demo").await;
    client.send(&b"\x05\0\0\0hello"[..]).await;
    assert_eq!(client.receive_bytes().await, &b"\x05\0\0\0hello"[..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_of_one_session_never_reach_another() {
    let mut one = Session::open().await;
    let mut other = Session::open().await;
    one.client.send("one").await;
    other.client.send("other").await;
    one.client.0.close(None).await.unwrap();
    other.client.0.close(None).await.unwrap();
    for (session, sent) in [(&mut one, "one"), (&mut other, "other")] {
        expect_bytes(&mut session.target, sent.as_bytes()).await;
        expect_eof(&mut session.target).await;
    }
}
