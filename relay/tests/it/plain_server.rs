//! The built-in TCP server without a header, through the bridge: there is no other way to it.

use bytes::BytesMut;
use framescope_protocol::PLAIN_TARGET;
use tokio::io::AsyncWriteExt as _;
use tokio::task::JoinSet;

use crate::support::http::{get, upgrade};
use crate::support::pattern::{Pattern, Random};
use crate::support::websocket::{Client, Received};
use crate::support::{TestRelay, within};

fn path(query: &str) -> String {
    format!("/bridge/{PLAIN_TARGET}?{query}")
}

async fn open(relay: &TestRelay) -> Client {
    Client::open(relay.http, &path("recv=1024")).await
}

/// A binary message as a client sends it, with a mask that changes nothing: RFC 6455, section 5.2.
fn frame(payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).ok().filter(|length| *length < 126);
    let head = [0x82, 0x80 | length.expect("it is short"), 0, 0, 0, 0];
    [&head, payload].concat()
}

/// The next `length` bytes.
async fn receive(client: &mut Client, length: usize) -> Vec<u8> {
    let mut bytes = BytesMut::new();
    while bytes.len() < length {
        bytes.extend_from_slice(&client.receive_bytes().await);
    }
    bytes.to_vec()
}

/// On one thread, the relay writes all three messages before the server runs. So they are there together, however busy
/// the machine is.
#[tokio::test]
async fn three_sends_that_follow_each_other_come_back_as_one_chunk() {
    let relay = TestRelay::start().await;
    let (response, mut stream) = upgrade(relay.http, &path("recv=1024"), &[]).await;
    assert_eq!(response.status, 101);
    stream.write_all(&frame(b"hello").repeat(3)).await.unwrap();
    let mut client = Client::on(stream).await;
    assert_eq!(client.receive_bytes().await, "hellohellohello");
    client.send("you").await;
    assert_eq!(client.receive_bytes().await, "you");
}

#[tokio::test]
async fn recv_cuts_what_stuck_together() {
    let relay = TestRelay::start().await;
    let (_, mut stream) = upgrade(relay.http, &path("recv=7"), &[]).await;
    stream.write_all(&frame(b"hello").repeat(3)).await.unwrap();
    let mut client = Client::on(stream).await;
    for chunk in ["hellohe", "llohell", "o"] {
        assert_eq!(client.receive_bytes().await, chunk);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_bytes_come_back_as_they_were_sent() {
    let relay = TestRelay::start().await;
    let mut client = Client::open(relay.http, &path("")).await;
    for size in [1, 4, 100, 8 * 1024, 300_000] {
        let bytes = Pattern::new(size as u64).take(size);
        client.send(bytes.clone()).await;
        assert!(receive(&mut client, size).await == bytes, "{size}");
    }
    // They would end a conversation with a header.
    client.send(&b"\xff\xff\xff\xff/die"[..]).await;
    assert_eq!(receive(&mut client, 8).await, b"\xff\xff\xff\xff/die");
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_clients_are_served_at_once() {
    let relay = TestRelay::start().await;
    let mut clients = Vec::new();
    for _ in 0..20 {
        clients.push(open(&relay).await);
    }
    let mut talks = JoinSet::new();
    for (seed, mut client) in (1..).zip(clients) {
        talks.spawn(async move {
            let mut random = Random(seed);
            for _ in 0..5 {
                let bytes = Pattern::new(seed).take(1 + random.size(20_000));
                client.send(bytes.clone()).await;
                assert!(receive(&mut client, bytes.len()).await == bytes);
            }
            client
        });
    }
    assert_eq!(within("every client is served", talks.join_all()).await.len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_over_the_limit_waits_until_another_has_closed() {
    let relay = TestRelay::start_with(|config| config.max_tcp_connections = 1).await;
    let mut first = open(&relay).await;
    first.send("first").await;
    assert_eq!(first.receive_bytes().await, "first");
    let mut second = open(&relay).await;
    second.send("second").await;
    first.send("again").await;
    assert_eq!(first.receive_bytes().await, "again");
    drop(first);
    assert_eq!(second.receive_bytes().await, "second");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_relay_ends_its_clients() {
    let relay = TestRelay::start().await;
    let mut client = open(&relay).await;
    client.send("hello").await;
    assert_eq!(client.receive_bytes().await, "hello");
    relay.stop.cancel();
    let reason = "the relay is shutting down".to_owned();
    assert_eq!(client.receive().await, Received::Close(1001, reason));
    drop(client);
    relay.ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_name_is_among_the_targets() {
    let relay = TestRelay::start().await;
    assert_eq!(get(relay.http, &path("")).await.status, 426);
    let info = get(relay.http, "/relay.json").await.body;
    assert!(info.contains("[\"demo\",\"demo-plain\"]"), "{info}");
}
