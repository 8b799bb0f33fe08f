//! Pings tell a quiet client from a dead one.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_tungstenite::tungstenite::Message;

use crate::support::http::upgrade;
use crate::support::pattern::{Pattern, expect_bytes, expect_eof};
use crate::support::websocket::{self, Received};
use crate::support::{Session, stall, until, within};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_answers_no_ping_is_dropped_and_the_target_sees_the_end() {
    let Session { client, mut target, relay: _relay } = Session::open_with("", |config| {
        config.ping_interval = Duration::from_millis(100);
    })
    .await;
    // A client that is never polled reads no ping, and so answers none.
    expect_eof(&mut target).await;
    drop(client);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_answers_pings_keeps_its_session() {
    // The client has a second to answer, because a busy machine is slow.
    let Session { mut client, mut target, relay: _relay } = Session::open_with("", |config| {
        config.ping_interval = Duration::from_millis(500);
    })
    .await;
    for _ in 0..4 {
        let ping = within("a ping arrives", client.0.next()).await.unwrap().unwrap();
        assert_eq!(ping, Message::Ping(Vec::new().into()));
    }
    client.send("still here").await;
    expect_bytes(&mut target, b"still here").await;
    target.write_all(b"still there").await.unwrap();
    assert_eq!(client.receive_bytes().await, "still there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_whose_target_does_not_read_is_not_taken_for_dead() {
    const FLOOD: usize = 48 * 1024 * 1024;

    let Session { client, mut target, relay: _relay } = Session::open_with("", |config| {
        config.ping_interval = Duration::from_millis(400);
    })
    .await;
    let (mut to_relay, mut from_relay) = client.0.split();
    let reader = tokio::spawn(async move { while let Some(Ok(_)) = from_relay.next().await {} });
    let writer = tokio::spawn(async move {
        let mut pattern = Pattern::new(1);
        while pattern.position() < FLOOD {
            to_relay.send(Message::binary(pattern.take(256 * 1024))).await.unwrap();
        }
        to_relay
    });
    // Several ping intervals pass, and no pong can get through.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!writer.is_finished() && !reader.is_finished());
    Pattern::new(1).read(&mut target, FLOOD).await;
    let _ = writer.await.unwrap();
    reader.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ping_of_the_client_is_answered_with_its_bytes() {
    let mut session = Session::open().await;
    session.client.0.send(Message::Ping("are you there?".into())).await.unwrap();
    let pong = within("a pong arrives", session.client.0.next()).await.unwrap().unwrap();
    assert_eq!(pong, Message::Pong("are you there?".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_takes_no_bytes_is_dropped_and_the_target_sees_the_end() {
    let Session { client, target, relay: _relay } = Session::open_with("", |config| {
        config.ping_interval = Duration::from_millis(100);
        config.close_timeout = Duration::from_millis(100);
    })
    .await;
    let (mut from_relay, mut to_relay) = target.into_split();
    // More than the buffers on the way hold, to a client that is never polled.
    let flood = tokio::spawn(async move {
        let bytes = vec![0; 256 * 1024];
        while to_relay.write_all(&bytes).await.is_ok() {}
    });
    let mut byte = [0];
    let end = within("the target sees the end", from_relay.read(&mut byte)).await;
    assert!(matches!(end, Ok(0) | Err(_)), "{end:?}");
    within("its writes fail", flood).await.unwrap();
    drop(client);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_in_which_no_byte_goes_either_way_is_closed_with_1001() {
    let Session { mut client, mut target, relay: _relay } = Session::open_with("", |config| {
        config.idle_timeout = Some(Duration::from_millis(200));
        // The client answers pings, but pings do not keep a session without bytes.
        config.ping_interval = Duration::from_millis(50);
    })
    .await;
    let (_, code, reason) = client.receive_to_close().await;
    assert_eq!((code, &*reason), (1001, "no byte went either way for 200ms"));
    expect_eof(&mut target).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_whose_target_has_stopped_reading_is_closed_with_1001() {
    let Session { client, target, relay } = Session::open_with("", |config| {
        config.idle_timeout = Some(Duration::from_millis(400));
        config.close_timeout = Duration::from_millis(100);
        config.max_sessions = 1;
    })
    .await;
    let (mut to_relay, mut from_relay) = client.0.split();
    let writer = tokio::spawn(async move {
        let message = Message::binary(vec![b'x'; 256 * 1024]);
        while to_relay.send(message.clone()).await.is_ok() {}
    });
    let end = websocket::receive(&mut from_relay).await;
    assert_eq!(end, Received::Close(1001, "no byte went either way for 400ms".to_owned()));
    // Neither side does anything more. The session still ends.
    until("the session's place is free again", || async {
        upgrade(relay.http, "/bridge/demo", &[]).await.0.status == 101
    })
    .await;
    writer.abort();
    drop(target);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_gone_is_noticed_also_while_its_target_does_not_read() {
    let Session { client, target, relay } = Session::open_with("", |config| {
        config.ping_interval = Duration::from_millis(100);
        config.close_timeout = Duration::from_millis(100);
        config.idle_timeout = None;
        config.max_sessions = 1;
    })
    .await;
    let mut client = client.0;
    let message = Message::binary(vec![b'x'; 256 * 1024]);
    let (report, sent) = tokio::sync::watch::channel(0_u32);
    let flood = async {
        while client.send(message.clone()).await.is_ok() {
            report.send_modify(|sent| *sent += 1);
        }
    };
    tokio::select! {
        () = flood => panic!("the relay holds a client back whose target does not read"),
        () = stall("the client is held back", || *sent.borrow()) => {}
    }
    // It resets the connection. The relay reads nothing more from it.
    client.get_ref().set_zero_linger().unwrap();
    drop(client);
    until("the session's place is free again", || async {
        upgrade(relay.http, "/bridge/demo", &[]).await.0.status == 101
    })
    .await;
    drop(target);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_in_either_direction_keep_a_session() {
    let Session { mut client, mut target, relay: _relay } = Session::open_with("", |config| {
        config.idle_timeout = Some(Duration::from_secs(2));
        config.ping_interval = Duration::from_millis(500);
    })
    .await;
    // Pings measure the time: six of them take three seconds.
    for number in 0..6 {
        let ping = within("a ping arrives", client.0.next()).await.unwrap().unwrap();
        assert_eq!(ping, Message::Ping(Vec::new().into()), "at {number}");
        if number < 3 {
            client.send("up").await;
            expect_bytes(&mut target, b"up").await;
        } else {
            target.write_all(b"down").await.unwrap();
            assert_eq!(client.receive_bytes().await, "down");
        }
    }
}
