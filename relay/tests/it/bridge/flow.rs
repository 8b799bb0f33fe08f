//! A side that stops reading stops the side that sends to it, and nothing else.

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;

use crate::support::pattern::{Pattern, expect_bytes};
use crate::support::websocket::{self, Client, Received};
use crate::support::{Session, stall, within};

const MEBIBYTE: usize = 1024 * 1024;

/// More than all the buffers between two ends hold.
const FLOOD: usize = 64 * MEBIBYTE;

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_read_stops_the_target_but_not_the_other_direction() {
    let Session { client, target, relay: _relay } = Session::open().await;
    let (mut to_relay, mut from_relay) = client.0.split();
    let (mut from_bridge, mut to_bridge) = target.into_split();
    let (report, written) = watch::channel(0);
    let writer = tokio::spawn(async move {
        let flood = Pattern::new(1).write(&mut to_bridge, FLOOD, |bytes| {
            report.send_replace(bytes);
        });
        flood.await.unwrap();
    });
    stall("the client that does not read stops the target", || *written.borrow()).await;
    assert!(*written.borrow() < FLOOD, "nothing held the target back");

    let mut pattern = Pattern::new(2);
    let client_writes = async {
        for _ in 0..8 {
            to_relay.send(Message::binary(pattern.take(MEBIBYTE))).await.unwrap();
        }
    };
    let target_reads = async { Pattern::new(2).read(&mut from_bridge, 8 * MEBIBYTE).await };
    within("the other direction flows on", async { tokio::join!(client_writes, target_reads) })
        .await;

    let mut pattern = Pattern::new(1);
    loop {
        match websocket::receive(&mut from_relay).await {
            Received::Bytes(bytes) => pattern.check(&bytes),
            Received::Close(1000, _) => break,
            other => panic!("{other:?} after {} bytes", pattern.position()),
        }
    }
    assert_eq!(pattern.position(), FLOOD);
    writer.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_does_not_read_stops_the_client_but_not_the_other_direction() {
    let Session { client, target, relay: _relay } = Session::open().await;
    let (mut to_relay, mut from_relay) = client.0.split();
    let (mut from_bridge, mut to_bridge) = target.into_split();
    let (report, written) = watch::channel(0);
    let writer = tokio::spawn(async move {
        let mut pattern = Pattern::new(1);
        while pattern.position() < FLOOD {
            let message = Message::binary(pattern.take(MEBIBYTE / 4));
            to_relay.send(message).await.unwrap();
            report.send_replace(pattern.position());
        }
        to_relay
    });
    stall("the target that does not read stops the client", || *written.borrow()).await;
    assert!(*written.borrow() < FLOOD, "nothing held the client back");

    let target_writes = async {
        Pattern::new(2).write(&mut to_bridge, 8 * MEBIBYTE, |_| {}).await.unwrap();
    };
    let client_reads = async {
        let mut pattern = Pattern::new(2);
        while pattern.position() < 8 * MEBIBYTE {
            match websocket::receive(&mut from_relay).await {
                Received::Bytes(bytes) => pattern.check(&bytes),
                other => panic!("{other:?} after {} bytes", pattern.position()),
            }
        }
    };
    within("the other direction flows on", async { tokio::join!(target_writes, client_reads) })
        .await;

    Pattern::new(1).read(&mut from_bridge, FLOOD).await;
    let _ = writer.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_always_has_more_does_not_keep_the_clients_bytes_waiting() {
    // The reads are so small that there are always more bytes.
    let Session { client, target, relay: _relay } = Session::open_with("recv=16", |_| {}).await;
    let (mut to_relay, mut from_relay) = client.0.split();
    let (mut from_bridge, mut to_bridge) = target.into_split();
    let flood = tokio::spawn(async move {
        let bytes = vec![b'x'; MEBIBYTE];
        while to_bridge.write_all(&bytes).await.is_ok() {}
    });
    let reader = tokio::spawn(async move { while let Some(Ok(_)) = from_relay.next().await {} });
    for _ in 0..10 {
        to_relay.send(Message::binary("let me in")).await.unwrap();
        expect_bytes(&mut from_bridge, b"let me in").await;
    }
    flood.abort();
    reader.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_pings_without_end_still_gets_every_byte() {
    let Session { client, mut target, relay: _relay } = Session::open().await;
    let (mut to_relay, mut from_relay) = client.0.split();
    let writer = tokio::spawn(async move {
        Pattern::new(1).write(&mut target, 16 * MEBIBYTE, |_| {}).await.unwrap();
        target
    });
    // Many pings before anything is read, so that pongs and messages wait in line together.
    let ping = Message::Ping(vec![b'x'; 125].into());
    for _ in 0..2000 {
        within("the relay reads on", to_relay.feed(ping.clone())).await.unwrap();
    }
    let pinging = async {
        loop {
            to_relay.send(ping.clone()).await.unwrap();
        }
    };
    let reading = async {
        let mut pattern = Pattern::new(1);
        while pattern.position() < 16 * MEBIBYTE {
            match websocket::receive(&mut from_relay).await {
                Received::Bytes(bytes) => pattern.check(&bytes),
                other => panic!("{other:?} after {} bytes", pattern.position()),
            }
        }
    };
    within("all arrives", async {
        tokio::select! {
            () = reading => {}
            () = pinging => {}
        }
    })
    .await;
    drop(writer.await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_session_does_not_hold_up_another_on_the_same_relay() {
    let Session { client: _stalled, mut target, relay } = Session::open().await;
    let (report, written) = watch::channel(0);
    let writer = tokio::spawn(async move {
        // Ends with an error when the session is dropped; here it only has to fill the buffers.
        let _ = Pattern::new(1)
            .write(&mut target, FLOOD, |bytes| {
                report.send_replace(bytes);
            })
            .await;
    });
    stall("the client that does not read stops the target", || *written.borrow()).await;
    let mut other = Client::open(relay.http, "/bridge/demo").await;
    other.send(&b"\x02\0\0\0hi"[..]).await;
    assert_eq!(other.receive_bytes().await, &b"\x02\0\0\0hi"[..]);
    writer.abort();
}
