//! Ten thousand sessions at once, through the real binary.

use std::fs;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::MACHINE;
use crate::support::descriptors;
use crate::support::http::upgrade_request;
use crate::support::pattern::{expect_bytes, expect_eof};
use crate::support::process::RelayProcess;
use crate::support::target::TestTarget;
use crate::support::within;

/// How many sessions are to be held.
const SESSIONS: usize = 10_000;
/// Descriptors that a process needs beside those of its sessions.
const SPARE: usize = 200;
/// How many are opened at a time: fewer than a listener's backlog holds.
const LANES: usize = 64;

/// A binary frame of two bytes, masked with zeroes, and what the relay makes of its echo.
const ASKED: &[u8] = b"\x82\x82\0\0\0\0hi";
const ECHOED: &[u8] = b"\x82\x02hi";

/// How many sessions a process may hold here: this one and the relay have two descriptors for each.
/// Says so if that is fewer than there should be.
fn sessions() -> usize {
    let descriptors = descriptors::raise_limit().and_then(|most| usize::try_from(most).ok());
    let possible = descriptors.map_or(usize::MAX, |descriptors| (descriptors - SPARE) / 2);
    if possible < SESSIONS {
        eprintln!("the limit on descriptors allows {possible} sessions here, not {SESSIONS}");
    }
    possible.min(SESSIONS)
}

async fn open(relay: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(relay).await.expect("the relay listens");
    let request = upgrade_request(relay, "/bridge/echo", &[]);
    stream.write_all(request.as_bytes()).await.expect("the relay reads");
    let (mut head, mut length) = ([0; 2048], 0);
    while !head[..length].ends_with(b"\r\n\r\n") {
        let came = stream.read(&mut head[length..]).await.expect("the relay answers");
        assert!(came > 0, "{}", String::from_utf8_lossy(&head[..length]));
        length += came;
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head[..length]));
    stream
}

/// Sends back what comes, on every connection.
fn echo(listener: TestTarget) {
    tokio::spawn(async move {
        loop {
            let mut stream = listener.accept().await;
            tokio::spawn(async move {
                let mut bytes = [0; 16];
                while let Ok(length @ 1..) = stream.read(&mut bytes).await {
                    stream.write_all(&bytes[..length]).await.expect("the relay is there");
                }
            });
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_sessions_are_held_and_each_is_told_when_the_relay_stops() {
    let _machine = MACHINE.lock().await;
    let sessions = sessions();
    let listener = TestTarget::listen().await;
    let mut relay = RelayProcess::start(&[
        "--target",
        &format!("echo={}", listener.address()),
        "--max-sessions",
        "10000",
        "--max-sessions-per-address",
        "10000",
    ])
    .await;
    echo(listener);
    let mut lanes = JoinSet::new();
    for lane in 0..LANES {
        let address = relay.http;
        lanes.spawn(async move {
            let mut clients = Vec::new();
            for _ in (lane..sessions).step_by(LANES) {
                clients.push(within("a session opens", open(address)).await);
            }
            clients
        });
    }
    let mut clients: Vec<TcpStream> = lanes.join_all().await.into_iter().flatten().collect();
    assert_eq!(clients.len(), sessions);

    // Only when all are open, so that all of them are held at once.
    for client in &mut clients {
        client.write_all(ASKED).await.expect("the relay is there");
    }
    for client in &mut clients {
        expect_bytes(client, ECHOED).await;
    }
    let status = fs::read_to_string(format!("/proc/{}/status", relay.running.id()));
    let status = status.expect("the relay lives");
    let memory = status.lines().find(|line| line.starts_with("RssAnon:"));
    println!("{sessions} sessions; the relay's {}", memory.unwrap_or("memory is not known"));

    relay.running.signal("TERM");
    for mut client in clients {
        expect_bytes(&mut client, b"\x88\x1c\x03\xe9the relay is shutting down").await;
        expect_eof(&mut client).await;
    }
    assert_eq!(relay.running.exit_code().await, Some(0));
}
