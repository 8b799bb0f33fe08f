//! A client that is gone loses its session. A client that is only quiet keeps it.

use std::time::Duration;

use framescope::Config;
use framescope_lab::{Command, EventKind, When};
use framescope_syscall::BlockedOn;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio_tungstenite::tungstenite::Message;

use super::client::{LabClient, experiment, pair};
use crate::support::http::get;
use crate::support::{TestRelay, until, within};

/// A relay that allows one experiment at a time.
async fn relay_for_one(ping_interval: Duration) -> TestRelay {
    let adjust = |config: &mut Config| {
        config.ping_interval = ping_interval;
        config.close_timeout = Duration::from_millis(100);
        config.max_experiments = 1;
    };
    TestRelay::start_with(adjust).await
}

async fn place_is_free(relay: &TestRelay) {
    until("the place is free", || async { get(relay.http, "/lab").await.status == 426 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_answers_no_ping_is_dropped() {
    let relay = relay_for_one(Duration::from_millis(100)).await;
    let client = LabClient::with(relay.http, pair()).await;
    // A client that is never polled reads no ping, and so answers none.
    place_is_free(&relay).await;
    drop(client);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_answers_pings_stays_and_its_experiment_with_it() {
    let relay = relay_for_one(Duration::from_millis(500)).await;
    let text =
        "import socket\nserver = socket.create_server(('127.0.0.1', 9527))\nserver.accept()\n";
    let mut client = LabClient::with(relay.http, experiment(&[text])).await;
    client.step(0).await;
    client.until_rests().await;
    for _ in 0..4 {
        let ping = within("a ping arrives", client.0.0.next()).await.unwrap().unwrap();
        assert_eq!(ping, Message::Ping(Vec::new().into()));
    }
    client.command(&Command::Play).await;
    let waits = |event: &framescope_lab::Event| event.kind == EventKind::Blocked(BlockedOn::Client);
    client.events_until(waits).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_takes_no_reports_is_dropped() {
    let relay = relay_for_one(Duration::from_millis(100)).await;
    let mut sends = experiment(&[
        "import socket\nserver = socket.create_server(('127.0.0.1', 9527))\nconn, addr = server.accept()\nwhile conn.recv(65536): pass\n",
        "import socket\nclient = socket.create_connection(('127.0.0.1', 9527))\nwhile True: client.sendall(b'x' * 65536)\n",
    ]);
    sends.starts[1].when = When::Listening(9527);
    let client = LabClient::with(relay.http, sends).await;
    let (mut to_relay, from_relay) = client.0.0.split();
    // Far more is reported than the buffers on the way hold, and none is taken.
    let asking = tokio::spawn(async move {
        let typed = Command::Type(0, Some("x".to_owned())).encode();
        for bytes in [Command::Play.encode()].into_iter().chain(std::iter::repeat(typed)) {
            if to_relay.send(Message::binary(bytes)).await.is_err() {
                break;
            }
        }
    });
    place_is_free(&relay).await;
    within("its commands fail", asking).await.unwrap();
    drop(from_relay);
}
