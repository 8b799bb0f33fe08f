//! What a client must not send, and the close code that it gets.

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::tungstenite::Message;

use crate::support::http::upgrade;
use crate::support::pattern::{Pattern, expect_bytes, expect_eof};
use crate::support::target::TestTarget;
use crate::support::websocket::{self, Client, Received};
use crate::support::{Session, TestRelay, within};

/// Sends these bytes in place of frames. Returns the close code and reason.
async fn send_raw(bytes: &[u8]) -> (u16, String) {
    let relay = TestRelay::start().await;
    let (response, mut stream) = upgrade(relay.http, "/bridge/demo", &[]).await;
    assert_eq!(response.status, 101);
    stream.write_all(bytes).await.expect("the relay reads");
    let (bytes, code, reason) = Client::on(stream).await.receive_to_close().await;
    assert_eq!(bytes, b"");
    (code, reason)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_message_is_1003() {
    let mut session = Session::open().await;
    session.client.send("before").await;
    session.client.0.send(Message::text("hello")).await.unwrap();
    let (_, code, reason) = session.client.receive_to_close().await;
    assert_eq!((code, &*reason), (1003, "a text message arrived; messages here are binary"));
    expect_bytes(&mut session.target, b"before").await;
    expect_eof(&mut session.target).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_message_is_1003_before_its_payload_is_checked() {
    // A first fragment, and not UTF-8.
    let (code, reason) = send_raw(b"\x01\x81\0\0\0\0\xff").await;
    assert_eq!((code, &*reason), (1003, "a text message arrived; messages here are binary"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_at_the_limit_goes_through_and_one_byte_more_is_1009() {
    let limit = 1004;
    let mut session = Session::open_with("", |config| config.max_client_message = limit).await;
    session.client.send(Pattern::new(1).take(limit)).await;
    Pattern::new(1).read(&mut session.target, limit).await;
    session.client.send(Pattern::new(1).take(limit + 1)).await;
    let (_, code, reason) = session.client.receive_to_close().await;
    assert_eq!(
        (code, &*reason),
        (1009, "a message over the limit of 1004 bytes arrived; --max-client-message raises it")
    );
    expect_eof(&mut session.target).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fragments_that_are_too_long_together_are_1009() {
    // Two binary fragments of 100 bytes each, masked with zeroes, on a limit of 104.
    let mut bytes = Vec::new();
    for head in [b"\x02\xe4\0\0\0\0", b"\x00\xe4\0\0\0\0"] {
        bytes.extend_from_slice(head);
        bytes.extend_from_slice(&[b'x'; 100]);
    }
    let relay = TestRelay::start_with(|config| config.max_client_message = 104).await;
    let (_, mut stream) = upgrade(relay.http, "/bridge/demo", &[]).await;
    stream.write_all(&bytes).await.unwrap();
    let (_, code, reason) = Client::on(stream).await.receive_to_close().await;
    assert_eq!(
        (code, &*reason),
        (1009, "a message over the limit of 104 bytes arrived; --max-client-message raises it")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_header_that_claims_too_much_is_1009_before_its_payload_came() {
    // A binary frame that declares 2^62 bytes, and none of them.
    let (code, _) = send_raw(b"\x82\xff\x40\0\0\0\0\0\0\0\0\0\0\0").await;
    assert_eq!(code, 1009);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_still_sends_megabytes_receives_the_1009() {
    let Session { client, mut target, relay: _relay } =
        Session::open_with("", |config| config.max_client_message = 1004).await;
    let (mut to_relay, mut from_relay) = client.0.split();
    let writer = async {
        for _ in 0..32 {
            to_relay.send(Message::binary(vec![b'x'; 1024 * 1024])).await.unwrap();
        }
    };
    // The client reads only after it has written everything. Bytes that the relay has not read must not make
    // its close a reset.
    within("the relay lets the client finish", writer).await;
    let received = websocket::receive(&mut from_relay).await;
    let Received::Close(code, reason) = received else { panic!("{received:?}") };
    assert_eq!(
        (code, &*reason),
        (1009, "a message over the limit of 1004 bytes arrived; --max-client-message raises it")
    );
    expect_eof(&mut target).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unmasked_frame_is_1002() {
    let (code, reason) = send_raw(b"\x82\x02hi").await;
    assert_eq!(code, 1002);
    assert!(reason.starts_with("the client broke the WebSocket protocol: "), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_with_reserved_bits_is_1002() {
    for bits in [0x40, 0x20, 0x10] {
        let (code, reason) = send_raw(&[0x82 | bits, 0x82, 0, 0, 0, 0, b'h', b'i']).await;
        assert_eq!(code, 1002);
        assert!(reason.starts_with("the client broke the WebSocket protocol: "), "{reason}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_of_an_unknown_kind_is_1002() {
    for opcode in [0x03, 0x0b] {
        let (code, _) = send_raw(&[0x80 | opcode, 0x80, 0, 0, 0, 0]).await;
        assert_eq!(code, 1002);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_continuation_without_a_first_frame_is_1002() {
    let (code, _) = send_raw(b"\x80\x80\0\0\0\0").await;
    assert_eq!(code, 1002);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_before_a_broken_frame_reaches_the_target() {
    let listener = TestTarget::listen().await;
    let relay = TestRelay::start_with(|config| config.targets.push(listener.named("mine"))).await;
    let (_, mut stream) = upgrade(relay.http, "/bridge/mine", &[]).await;
    let mut target = listener.accept().await;
    // A valid frame and then an unmasked one, in one write.
    stream.write_all(b"\x82\x82\0\0\0\0hi\x82\x01x").await.unwrap();
    expect_bytes(&mut target, b"hi").await;
    expect_eof(&mut target).await;
    let (_, code, _) = Client::on(stream).await.receive_to_close().await;
    assert_eq!(code, 1002);
}
