//! The relay's memory stays small, whatever its peers do. Measured on the real binary.

use framescope_lab::{Command, Experiment, MAX_TEXT, MAX_TYPED};
use framescope_protocol::{BRIDGE_SUBPROTOCOLS, READS_SUBPROTOCOL};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;

use crate::lab::client::{LabClient, experiment};
use crate::support::http::upgrade;
use crate::support::pattern::Pattern;
use crate::support::process::RelayProcess;
use crate::support::target::TestTarget;
use crate::support::timed_reads::{bytes_of, reads};
use crate::support::websocket::{Client, Received};
use crate::support::{stall, until, within};

const MEBIBYTE: usize = 1024 * 1024;

/// What a target tries to write: more than all the buffers on the way to a client hold. Linux lets the receive buffer of a
/// socket grow to 32 MiB: `tcp_rmem` in tcp(7).
const FLOOD: usize = 96 * MEBIBYTE;

/// How much more memory the relay may take than when it was idle.
const GROWTH: usize = 16 * MEBIBYTE;

/// How much memory an experiment may take: the command that arrives, the command that waits, the running
/// programs, and the reports that the client has not read.
const EXPERIMENT: usize = 8 * MEBIBYTE;

const SESSIONS: usize = 8;

/// An experiment that nearly fills a command, and prints without end.
fn flood() -> Experiment {
    let prints = "while True: print('x' * 1000)\n";
    let text = format!("{prints}{}", "#".repeat(MAX_TEXT - prints.len()));
    experiment(&[text.as_str(); 16])
}

/// The memory, in bytes, that a process has in RAM; see `proc_pid_status(5)`.
fn resident(relay: &RelayProcess) -> usize {
    let path = format!("/proc/{}/status", relay.running.id());
    let status = std::fs::read_to_string(path).expect("the relay lives");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")).map(str::parse);
    let kibibytes: usize = kibibytes.expect("VmRSS is in kB").expect("VmRSS is a number");
    kibibytes * 1024
}

fn assert_small(relay: &RelayProcess, idle: usize) {
    assert_grown_less(relay, idle, GROWTH);
}

fn assert_grown_less(relay: &RelayProcess, idle: usize, bound: usize) {
    let growth = resident(relay).saturating_sub(idle);
    assert!(growth < bound, "the relay holds {} KiB more than idle", growth / 1024);
}

#[tokio::test(flavor = "multi_thread")]
async fn flooding_targets_and_clients_that_do_not_read_cost_little_and_lose_nothing() {
    let listener = TestTarget::listen().await;
    let relay = RelayProcess::start(&["--target", &format!("flood={}", listener.address())]).await;
    let idle = resident(&relay);

    let (mut clients, mut writers, mut progress) = (Vec::new(), Vec::new(), Vec::new());
    for seed in 0..SESSIONS as u64 {
        let subprotocol = BRIDGE_SUBPROTOCOLS[clients.len() % 2];
        let client = Client::open_offering(relay.http, "/bridge/flood", Some(subprotocol)).await;
        clients.push((client, subprotocol == READS_SUBPROTOCOL));
        let mut target = listener.accept().await;
        let (report, written) = watch::channel(0);
        progress.push(written);
        writers.push(tokio::spawn(async move {
            let flood = Pattern::new(seed).write(&mut target, FLOOD, |bytes| {
                report.send_replace(bytes);
            });
            flood.await.unwrap();
        }));
    }
    let written = || progress.iter().map(|written| *written.borrow()).collect::<Vec<_>>();
    stall("every writer is stopped", written).await;
    assert!(written().iter().all(|bytes| *bytes < FLOOD), "written: {:?}", written());
    assert_small(&relay, idle);

    let mut readers = Vec::new();
    for (seed, (mut client, is_timed)) in (0..).zip(clients) {
        readers.push(tokio::spawn(async move {
            let mut pattern = Pattern::new(seed);
            loop {
                match client.receive().await {
                    Received::Bytes(message) if is_timed => {
                        pattern.check(&bytes_of(&reads(&message)));
                    }
                    Received::Bytes(bytes) => pattern.check(&bytes),
                    Received::Close(1000, _) => return pattern.position(),
                    other => panic!("{other:?} after {} bytes", pattern.position()),
                }
            }
        }));
    }
    for (reader, writer) in readers.into_iter().zip(writers) {
        assert_eq!(reader.await.unwrap(), FLOOD);
        writer.await.unwrap();
    }
    assert_small(&relay, idle);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_pings_without_reading_the_pongs_costs_little() {
    // A ping of 125 bytes, the longest there is, masked with zeroes.
    let mut ping = b"\x89\xfd\0\0\0\0".to_vec();
    ping.extend_from_slice(&[b'x'; 125]);
    let pings = ping.repeat(MEBIBYTE / ping.len());

    let relay = RelayProcess::start(&[]).await;
    let idle = resident(&relay);
    let (response, mut stream) = upgrade(relay.http, "/bridge/demo", &[]).await;
    assert_eq!(response.status, 101);
    let (report, written) = watch::channel(0_usize);
    let flood = async {
        for _ in 0..64 {
            stream.write_all(&pings).await.expect("the relay reads");
            report.send_modify(|written| *written += pings.len());
        }
    };
    // Either the relay reads on and keeps no pong, or it stops reading. Both are bounded.
    tokio::select! {
        () = flood => {}
        () = stall("the relay stops reading", || *written.borrow()) => {}
    }
    assert_small(&relay, idle);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lab_client_that_reads_no_reports_costs_no_more_for_sending_more_commands() {
    let relay = RelayProcess::start(&[]).await;
    let idle = resident(&relay);
    let (report, asked) = watch::channel(0_usize);
    let (mut asking, mut deaf) = (Vec::new(), Vec::new());
    for _ in 0..SESSIONS {
        let client = LabClient::with(relay.http, flood()).await;
        let (mut to_relay, from_relay) = client.0.0.split();
        deaf.push(from_relay);
        let report = report.clone();
        let typed = Command::Type(0, Some("x".repeat(MAX_TYPED))).encode();
        asking.push(tokio::spawn(async move {
            for bytes in [Command::Play.encode()].into_iter().chain(std::iter::repeat(typed)) {
                let sent = to_relay.send(Message::binary(bytes));
                sent.await.expect("the relay keeps the session");
                report.send_modify(|asked| *asked += 1);
            }
        }));
    }
    stall("the relay reads no more commands", || *asked.borrow()).await;
    assert_grown_less(&relay, idle, SESSIONS * EXPERIMENT);
    asking.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_declare_the_longest_payload_cost_nothing_before_it_arrives() {
    let relay = RelayProcess::start(&["--max-message", "67108864"]).await;
    let idle = resident(&relay);
    let mut open = Vec::new();
    for _ in 0..SESSIONS {
        // A header to the TCP server declares 64 MiB. Two bytes follow.
        let mut stream = tokio::net::TcpStream::connect(relay.tcp).await.unwrap();
        stream.write_all(b"\0\0\0\x04hi").await.unwrap();
        open.push(stream);
        // A header to the bridge declares 64 MiB. Two bytes follow.
        let (_, mut stream) = upgrade(relay.http, "/bridge/demo", &[]).await;
        stream.write_all(b"\x82\xff\0\0\0\0\x04\0\0\0\0\0\0\0hi").await.unwrap();
        open.push(stream);
    }
    // The relay has answered later bytes on another connection, so it has read the headers too.
    let mut client = Client::open(relay.http, "/bridge/demo").await;
    for _ in 0..10 {
        client.send(&b"\x02\0\0\0hi"[..]).await;
        within("an echo comes back", client.receive_bytes()).await;
    }
    assert_small(&relay, idle);
}

#[tokio::test(flavor = "multi_thread")]
async fn flooding_clients_and_targets_that_do_not_read_cost_little_and_lose_nothing() {
    let listener = TestTarget::listen().await;
    let relay = RelayProcess::start(&["--target", &format!("deaf={}", listener.address())]).await;
    let idle = resident(&relay);

    let (mut targets, mut writers, mut progress) = (Vec::new(), Vec::new(), Vec::new());
    for seed in 0..SESSIONS as u64 {
        let mut client = Client::open(relay.http, "/bridge/deaf").await;
        targets.push(listener.accept().await);
        let (report, written) = watch::channel(0);
        progress.push(written);
        writers.push(tokio::spawn(async move {
            let mut pattern = Pattern::new(seed);
            while pattern.position() < FLOOD {
                let message = Message::binary(pattern.take(MEBIBYTE / 4));
                client.0.send(message).await.unwrap();
                report.send_replace(pattern.position());
            }
            client
        }));
    }
    let written = || progress.iter().map(|written| *written.borrow()).collect::<Vec<_>>();
    stall("every writer is stopped", written).await;
    assert!(written().iter().all(|bytes| *bytes < FLOOD), "written: {:?}", written());
    assert_small(&relay, idle);

    let mut readers = Vec::new();
    for (seed, mut target) in (0..).zip(targets) {
        readers.push(tokio::spawn(async move {
            Pattern::new(seed).read(&mut target, FLOOD).await;
            target
        }));
    }
    for (reader, writer) in readers.into_iter().zip(writers) {
        drop((reader.await.unwrap(), writer.await.unwrap()));
    }
    assert_small(&relay, idle);
}

/// Two thousand sessions hold eight megabytes, which the allocator would keep.
#[cfg(target_env = "gnu")]
#[tokio::test(flavor = "multi_thread")]
async fn what_many_sessions_held_is_given_back_when_they_have_ended() {
    let listener = TestTarget::listen().await;
    let target = format!("mine={}", listener.address());
    let relay = RelayProcess::start(&[
        "--target",
        &target,
        "--max-sessions",
        "2000",
        "--max-sessions-per-address",
        "2000",
    ])
    .await;
    let idle = resident(&relay);
    let mut sessions = Vec::new();
    for _ in 0..2000 {
        let client = Client::open(relay.http, "/bridge/mine").await;
        sessions.push((client, listener.accept().await));
    }
    let held = resident(&relay) - idle;
    drop(sessions);
    until("the memory is given back", || async { resident(&relay) < idle + held / 2 }).await;
}
