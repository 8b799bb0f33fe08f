//! `--record`: a file has each read and each write of a bridge session.

use std::fs;
use std::path::{Path, PathBuf};

use framescope_protocol::{EndReason, READS_SUBPROTOCOL};
use framescope_record::{Crossed, MAX_RECORDED_BYTES, Recording};
use tokio::io::AsyncWriteExt as _;

use crate::support::pattern::{Pattern, expect_bytes};
use crate::support::target::TestTarget;
use crate::support::timed_reads::{Read, receive_reads_to_close};
use crate::support::websocket::Client;
use crate::support::{Session, TestRelay, until};

/// An empty folder for one test.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("recordings").join(test);
    // An earlier run of the test may have made it.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder for tests can be written");
    folder
}

/// Waits until the recording in a file is finished, and returns it.
async fn recording(file: &Path) -> Recording {
    let mut recording = None;
    until("the recording is finished", || {
        let json = fs::read_to_string(file).unwrap_or_default();
        recording = Recording::from_json(&json).ok();
        let unfinished = EndReason::RecordingUnfinished.to_string();
        std::future::ready(recording.as_ref().is_some_and(|read| read.end != unfinished))
    })
    .await;
    recording.expect("it was there a moment ago")
}

/// All bytes of the reads and all bytes of the writes.
fn both_ways(recording: &Recording) -> (Vec<u8>, Vec<u8>) {
    let (mut received, mut sent) = (Vec::new(), Vec::new());
    for event in &recording.events {
        match &event.what {
            Crossed::Received(data) => received.extend_from_slice(&data.0),
            Crossed::Sent(data) => sent.extend_from_slice(&data.0),
        }
    }
    (received, sent)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_read_and_each_write_of_a_session_is_recorded() {
    let file = folder("each").join("session.json");
    let Session { mut client, mut target, relay: _relay } =
        Session::open_with("recv=5&nodelay=0", |config| {
            config.record = Some(file.clone());
            config.header = "!I".parse().unwrap();
        })
        .await;
    for message in ["one", "two"] {
        client.send(message).await;
        expect_bytes(&mut target, message.as_bytes()).await;
    }
    target.write_all(b"hello world!").await.unwrap();
    drop(target);
    let (bytes, code, _) = client.receive_to_close().await;
    assert_eq!((&*bytes, code), (&b"hello world!"[..], 1000));
    drop(client);

    let recording = recording(&file).await;
    assert_eq!(recording.end, "the target closed its side");
    let bridge = &recording.bridge;
    assert_eq!((&*bridge.target, bridge.recv, bridge.delay_ms), ("mine", 5, 0));
    assert_eq!((bridge.nodelay, bridge.header.notation()), (false, "!I"));
    let what: Vec<&Crossed> = recording.events.iter().map(|event| &event.what).collect();
    let sent = |bytes: &[u8]| Crossed::Sent(bytes.into());
    let received = |bytes: &[u8]| Crossed::Received(bytes.into());
    let expected = [
        sent(b"one"),
        sent(b"two"),
        received(b"hello"),
        received(b" worl"),
        received(b"d!"),
        received(b""),
    ];
    assert_eq!(what, expected.iter().collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_has_each_timed_read_with_the_time_that_the_client_was_told() {
    let file = folder("timed").join("session.json");
    let Session { mut client, mut target, relay: _relay } =
        Session::open_offering("recv=1", Some(READS_SUBPROTOCOL), |config| {
            config.record = Some(file.clone());
        })
        .await;
    target.write_all(&Pattern::new(1).take(1000)).await.unwrap();
    drop(target);
    let (messages, ..) = receive_reads_to_close(&mut client).await;
    drop(client);

    let recording = recording(&file).await;
    let events = recording.events.iter().map(|event| match &event.what {
        Crossed::Received(data) => (event.at, data.0.clone().into()),
        Crossed::Sent(_) => panic!("nothing was sent"),
    });
    let events: Vec<Read> = events.collect();
    let (end, reads) = events.split_last().expect("the end was read");
    assert_eq!(reads, messages.concat());
    assert!(end.1.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_session_has_a_file_and_no_file_is_overwritten() {
    let folder = folder("files");
    let file = folder.join("session.json");
    fs::write(&file, "mine").unwrap();
    let relay = TestRelay::start_with(|config| config.record = Some(file.clone())).await;
    for number in 2..5 {
        let mut client = Client::open(relay.http, "/bridge/demo").await;
        client.send(&b"\x02\0\0\0hi"[..]).await;
        assert_eq!(client.receive_bytes().await, &b"\x02\0\0\0hi"[..]);
        drop(client);
        let file = folder.join(format!("session-{number}.json"));
        let echo = b"\x02\0\0\0hi".to_vec();
        assert_eq!(both_ways(&recording(&file).await), (echo.clone(), echo));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "what crosses is its owner's only");
        }
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_more_than_is_recorded_goes_on_and_its_recording_says_so() {
    const TOTAL: usize = 2 * MAX_RECORDED_BYTES;

    let file = folder("full").join("session.json");
    let Session { mut client, mut target, relay: _relay } =
        Session::open_with("", |config| config.record = Some(file.clone())).await;
    let writer = tokio::spawn(async move {
        Pattern::new(1).write(&mut target, TOTAL, |_| {}).await.unwrap();
    });
    let (bytes, code, _) = client.receive_to_close().await;
    Pattern::new(1).check(&bytes);
    assert_eq!((bytes.len(), code), (TOTAL, 1000));
    writer.await.unwrap();

    let recording = recording(&file).await;
    assert_eq!(recording.end, "the recording is full; the session went on");
    let (received, _) = both_ways(&recording);
    Pattern::new(1).check(&received);
    assert!(received.len() > MAX_RECORDED_BYTES / 2, "{} bytes", received.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_written_disturbs_no_session() {
    let folder = folder("gone");
    let listener = TestTarget::listen().await;
    let relay = TestRelay::start_with(|config| {
        config.record = Some(folder.join("session.json"));
        config.targets.push(listener.named("mine"));
    })
    .await;
    fs::remove_dir_all(&folder).unwrap();
    let mut client = Client::open(relay.http, "/bridge/mine").await;
    let mut target = listener.accept().await;
    for _ in 0..100 {
        client.send("still here").await;
        expect_bytes(&mut target, b"still here").await;
    }
    assert!(!folder.exists());
    // A hundred are recorded. Those that could not be are none of them.
    for _ in 0..100 {
        let _client = Client::open(relay.http, "/bridge/mine").await;
        listener.accept().await;
    }
    fs::create_dir_all(&folder).unwrap();
    until("a session is recorded again", async || {
        let _client = Client::open(relay.http, "/bridge/mine").await;
        listener.accept().await;
        folder.join("session.json").exists()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_stops_leaves_whole_recordings() {
    let folder = folder("stop");
    let relay =
        TestRelay::start_with(|config| config.record = Some(folder.join("session.json"))).await;
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = Client::open(relay.http, "/bridge/demo").await;
        client.send(&b"\x02\0\0\0hi"[..]).await;
        client.receive_bytes().await;
        clients.push(client);
    }
    relay.stop.cancel();
    for client in &mut clients {
        assert_eq!(client.receive_to_close().await.1, 1001);
    }
    drop(clients);
    relay.ended().await;
    for name in ["session.json", "session-2.json", "session-3.json"] {
        let json = fs::read_to_string(folder.join(name)).unwrap();
        assert_eq!(Recording::from_json(&json).unwrap().end, "the relay is shutting down");
    }
}
