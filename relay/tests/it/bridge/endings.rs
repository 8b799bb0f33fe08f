//! How a session ends, and that nothing is lost when it does.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::SinkExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::support::descriptors;
use crate::support::pattern::{Pattern, expect_bytes, expect_eof};
use crate::support::websocket::{Client, Received};
use crate::support::{Session, TestRelay, stall, until, within};

/// More bytes than a test can send. Half of the maximum, so that sums do not overflow.
const ENDLESS: usize = usize::MAX / 2;

const MEBIBYTE: usize = 1024 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn all_that_a_target_wrote_before_it_closed_arrives_then_close_1000() {
    let Session { mut client, mut target, relay: _relay } = Session::open().await;
    let writer = tokio::spawn(async move {
        let bytes = Pattern::new(1).take(8 * MEBIBYTE);
        target.write_all(&bytes).await.unwrap();
        // The drop closes it.
    });
    let (bytes, code, reason) = client.receive_to_close().await;
    Pattern::new(1).check(&bytes);
    assert_eq!(bytes.len(), 8 * MEBIBYTE);
    assert_eq!((code, &*reason), (1000, "the target closed its side"));
    writer.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_closes_without_writing_is_close_1000() {
    let Session { mut client, target, relay: _relay } = Session::open().await;
    drop(target);
    let (bytes, code, _) = client.receive_to_close().await;
    assert_eq!((bytes.len(), code), (0, 1000));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_sent_before_it_saw_the_close_reaches_a_half_closed_target() {
    let Session { mut client, mut target, relay: _relay } = Session::open().await;
    target.write_all(b"that was all").await.unwrap();
    target.shutdown().await.unwrap();
    // The client's kernel has the bytes and the close frame. The client has read neither.
    client.readable().await;
    let mut pattern = Pattern::new(1);
    for _ in 0..4 {
        client.send(pattern.take(MEBIBYTE / 2)).await;
    }
    let reader = tokio::spawn(async move {
        Pattern::new(1).read(&mut target, 2 * MEBIBYTE).await;
        expect_eof(&mut target).await;
    });
    let (bytes, code, _) = client.receive_to_close().await;
    assert_eq!((&*bytes, code), (&b"that was all"[..], 1000));
    reader.await.unwrap();
}

/// For ten close timeouts, a busy peer sends something now and then and reads nothing. The relay must keep
/// the socket open. If it were closed, the kernel would answer the peer's bytes with a reset.
const BUSY: std::ops::Range<u32> = 0..50;
const BUSY_FOR: Duration = Duration::from_millis(20);
const CLOSE_TIMEOUT: Duration = Duration::from_millis(100);

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_sends_and_reads_late_gets_all_that_a_closed_target_wrote() {
    let Session { mut client, mut target, relay: _relay } =
        Session::open_with("", |config| config.close_timeout = CLOSE_TIMEOUT).await;
    let length = 2 * MEBIBYTE;
    let writer = tokio::spawn(async move {
        target.write_all(&Pattern::new(1).take(length)).await.unwrap();
    });
    for _ in BUSY {
        client.0.send(Message::Ping("still here".into())).await.unwrap();
        tokio::time::sleep(BUSY_FOR).await;
    }
    let (bytes, code, _) = client.receive_to_close().await;
    Pattern::new(1).check(&bytes);
    assert_eq!((bytes.len(), code), (length, 1000));
    writer.await.unwrap();
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_writes_and_reads_late_gets_all_that_a_closed_client_sent() {
    let Session { mut client, mut target, relay: _relay } =
        Session::open_with("", |config| config.close_timeout = CLOSE_TIMEOUT).await;
    let length = 2 * MEBIBYTE;
    let sender = tokio::spawn(async move {
        for part in Pattern::new(1).take(length).chunks(60_000) {
            client.send(part.to_vec()).await;
        }
        client.0.close(None).await.unwrap();
        while client.receive().await != Received::End {}
    });
    for _ in BUSY {
        target.write_all(b".").await.unwrap();
        tokio::time::sleep(BUSY_FOR).await;
    }
    Pattern::new(1).read(&mut target, length).await;
    expect_eof(&mut target).await;
    drop(target);
    sender.await.unwrap();
}

/// As with a browser's tab that sends data to save and is then closed.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_sent_before_it_left_reaches_a_target_that_writes() {
    const MESSAGE: usize = 60_000;
    let Session { mut client, mut target, relay } = Session::open().await;
    let ports = [client.0.get_ref().local_addr().unwrap().port(), relay.http.port()];
    // More than all socket buffers on the way hold.
    let length = 1000 * MESSAGE;
    let mut sent = Pattern::new(1);
    let sender = tokio::spawn(async move {
        for _ in 0..length / MESSAGE {
            client.send(sent.take(MESSAGE)).await;
        }
        client
    });
    // When the client leaves, bytes in its kernel are lost. So the target reads until that kernel has sent
    // all. Then the relay's socket buffers are full, and the relay has written half of a message.
    let mut arrives = Pattern::new(1);
    let mut read = 0;
    while !sender.is_finished() || !is_acknowledged(ports) {
        arrives.read(&mut target, MESSAGE).await;
        read += MESSAGE;
    }
    drop(sender.await.unwrap());
    // The client's kernel answers the relay's first write with a reset. The relay's next write fails.
    for _ in 0..10 {
        target.write_all(&[0; 2000]).await.unwrap();
        tokio::time::sleep(BUSY_FOR).await;
    }
    arrives.read(&mut target, length - read).await;
    expect_eof(&mut target).await;
}

/// Has the peer's kernel acknowledged all bytes sent between these ports? See `proc_net(5)`.
#[cfg(target_os = "linux")]
fn is_acknowledged(ports: [u16; 2]) -> bool {
    let sockets = std::fs::read_to_string("/proc/net/tcp").expect("Linux has it");
    let addresses = ports.map(|port| format!("0100007F:{port:04X}")).join(" ");
    let socket = sockets.lines().find(|line| line.contains(&addresses)).expect("it is open");
    let queues =
        socket.split_whitespace().nth(4).expect("the queues are the field after the state");
    queues.starts_with("00000000:")
}

/// The longest message that the relay passes on whole.
const WHOLE: usize = 16 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_relay_finishes_the_message_that_a_stalled_target_has_half_of() {
    let Session { mut client, mut target, relay } = Session::open().await;
    let (report, sent) = tokio::sync::watch::channel(0);
    let sender = tokio::spawn(async move {
        let mut pattern = Pattern::new(1);
        loop {
            let message = Message::binary(pattern.take(WHOLE));
            if client.0.send(message).await.is_err() {
                return client;
            }
            report.send_modify(|sent| *sent += 1);
        }
    });
    stall("the target that does not read stops the client", || *sent.borrow()).await;
    relay.stop.cancel();
    let mut arrived = Vec::new();
    within("the stream ends", target.read_to_end(&mut arrived)).await.unwrap();
    Pattern::new(1).check(&arrived);
    assert_eq!(arrived.len() % (WHOLE), 0, "{} bytes", arrived.len());
    drop((target, sender));
    relay.ended().await;
}

/// The client sends without end. The target closes its side and continues to read. Returns the task that
/// sends, the task that reads, and the client's reading half after the close frame.
async fn told_while_sending(
    client: Client,
    mut target: TcpStream,
) -> (JoinHandle<()>, JoinHandle<()>, OwnedReadHalf) {
    // Messages of one byte, masked with zeroes. One read returns thousands of them, and each is a write.
    let messages = b"\x82\x81\0\0\0\0x".repeat(100_000);
    let (mut from_relay, mut to_relay) = client.0.into_inner().into_split();
    let flood = tokio::spawn(async move { while to_relay.write_all(&messages).await.is_ok() {} });
    target.shutdown().await.expect("the connection stands");
    let reader = tokio::spawn(async move {
        let mut buffer = vec![0; MEBIBYTE];
        while matches!(target.read(&mut buffer).await, Ok(1..)) {}
    });
    expect_bytes(&mut from_relay, b"\x88\x1c\x03\xe8the target closed its side").await;
    (flood, reader, from_relay)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_sends_without_end_is_told_that_the_target_has_closed() {
    let Session { client, target, relay: _relay } = Session::open_with("", |config| {
        config.close_timeout = Duration::from_hours(1);
    })
    .await;
    let (flood, reader, _from_relay) = told_while_sending(client, target).await;
    flood.abort();
    reader.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_keeps_sending_after_the_close_does_not_keep_its_session() {
    let Session { client, target, relay: _relay } =
        Session::open_with("", |config| config.close_timeout = CLOSE_TIMEOUT).await;
    let (flood, reader, _from_relay) = told_while_sending(client, target).await;
    within("the relay closes", async { tokio::join!(flood, reader) }).await.0.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_a_client_sent_before_it_closed_arrives_then_the_end_of_the_stream() {
    let Session { mut client, mut target, relay: _relay } = Session::open().await;
    let writer = tokio::spawn(async move {
        let mut pattern = Pattern::new(1);
        for _ in 0..8 {
            client.send(pattern.take(MEBIBYTE)).await;
        }
        client.0.close(None).await.unwrap();
        client
    });
    Pattern::new(1).read(&mut target, 8 * MEBIBYTE).await;
    expect_eof(&mut target).await;
    drop(target);
    writer.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_sent_reaches_a_target_that_is_still_writing_when_the_client_closes() {
    let Session { mut client, mut target, relay: _relay } = Session::open().await;
    client.send(Pattern::new(1).take(MEBIBYTE)).await;
    client.0.send(Message::Close(None)).await.unwrap();
    let reader = tokio::spawn(async move {
        // The client has closed, so the target's bytes may be lost.
        while client.receive().await != Received::End {}
    });
    // If the relay left bytes unread, its close would be a reset, and its own bytes would be lost.
    let flood = Pattern::new(2).write(&mut target, 16 * MEBIBYTE, |_| {});
    within("the target can finish", flood).await.unwrap();
    Pattern::new(1).read(&mut target, MEBIBYTE).await;
    expect_eof(&mut target).await;
    drop(target);
    reader.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_of_the_client_is_answered_with_its_code() {
    let Session { mut client, mut target, relay: _relay } = Session::open().await;
    let frame = CloseFrame { code: 4321.into(), reason: "enough".into() };
    client.0.send(Message::Close(Some(frame))).await.unwrap();
    assert_eq!(client.receive().await, Received::Close(4321, "enough".to_owned()));
    expect_eof(&mut target).await;
    drop(target);
    assert_eq!(client.receive().await, Received::End);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_vanishes_ends_the_stream_to_the_target() {
    let Session { mut client, mut target, relay: _relay } = Session::open().await;
    client.send("last words").await;
    drop(client);
    expect_bytes(&mut target, b"last words").await;
    expect_eof(&mut target).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_target_wrote_before_it_reset_arrives_then_close_1011_with_the_reason() {
    // Small reads with pauses, so that the reset arrives long before the bytes are read.
    let Session { mut client, mut target, relay: _relay } =
        Session::open_with("recv=1000&delay_ms=20", |_| {}).await;
    target.write_all(&Pattern::new(1).take(20_000)).await.unwrap();
    target.set_zero_linger().unwrap();
    drop(target);
    let (bytes, code, reason) = client.receive_to_close().await;
    Pattern::new(1).check(&bytes);
    assert_eq!((bytes.len(), code), (20_000, 1011));
    let expected = "the connection to the target failed: Connection reset by peer";
    assert!(reason.starts_with(expected), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_met_while_writing_loses_nothing_that_the_target_wrote_before() {
    let Session { mut client, mut target, relay: _relay } =
        Session::open_with("recv=1000&delay_ms=20", |_| {}).await;
    target.write_all(&Pattern::new(1).take(20_000)).await.unwrap();
    target.set_zero_linger().unwrap();
    drop(target);
    client.send("too late").await;
    client.send("much too late").await;
    let (bytes, code, reason) = client.receive_to_close().await;
    Pattern::new(1).check(&bytes);
    assert_eq!((bytes.len(), code), (20_000, 1011));
    assert!(reason.starts_with("the connection to the target failed: "), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_relay_closes_every_session_with_1001_and_returns() {
    let Session { mut client, mut target, relay } = Session::open().await;
    let mut other = Client::open(relay.http, "/bridge/demo").await;
    client.send("hello").await;
    expect_bytes(&mut target, b"hello").await;
    relay.stop.cancel();
    for client in [&mut client, &mut other] {
        let (_, code, reason) = client.receive_to_close().await;
        assert_eq!((code, &*reason), (1001, "the relay is shutting down"));
    }
    expect_eof(&mut target).await;
    drop((client, other, target));
    relay.ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_relay_waits_for_a_stalled_client_no_longer_than_the_close_timeout() {
    let Session { client, mut target, relay } = Session::open_with("", |config| {
        config.close_timeout = Duration::from_millis(200);
    })
    .await;
    let (report, written) = tokio::sync::watch::channel(0);
    let writer = tokio::spawn(async move {
        let flood = Pattern::new(1).write(&mut target, ENDLESS, |bytes| {
            report.send_replace(bytes);
        });
        flood.await.is_err()
    });
    stall("the client's silence stops the target", || *written.borrow()).await;
    relay.stop.cancel();
    relay.ended().await;
    assert!(within("the target is told", writer).await.unwrap(), "its write should have failed");
    drop(client);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_client_that_reads_on_while_the_relay_stops_finds_whole_messages_and_1001() {
    let Session { mut client, mut target, relay } = Session::open().await;
    let (report, written) = tokio::sync::watch::channel(0);
    let writer = tokio::spawn(async move {
        let flood = Pattern::new(1).write(&mut target, ENDLESS, |bytes| {
            report.send_replace(bytes);
        });
        flood.await
    });
    stall("the client's silence stops the target", || *written.borrow()).await;
    relay.stop.cancel();
    let (bytes, code, _) = client.receive_to_close().await;
    Pattern::new(1).check(&bytes);
    assert_eq!(code, 1001);
    drop(client);
    writer.abort();
    relay.ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_relay_takes_no_more_connections() {
    let relay = TestRelay::start().await;
    let (http, tcp) = (relay.http, relay.tcp);
    relay.stop.cancel();
    relay.ended().await;
    for address in [http, tcp] {
        assert!(tokio::net::TcpStream::connect(address).await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_relay_does_not_wait_for_requests_that_do_not_end() {
    // As many connections as the relay accepts, each in the middle of its request.
    const SPARE: usize = 256;

    descriptors::raise_limit();
    let relay = TestRelay::start_with(|config| {
        config.max_sessions = 0;
        config.max_experiments = 0;
        config.header_timeout = Duration::from_hours(1);
        config.close_timeout = Duration::from_millis(200);
    })
    .await;
    let mut open = Vec::new();
    for _ in 0..SPARE {
        let mut stream = tokio::net::TcpStream::connect(relay.http).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
        open.push(stream);
    }
    // One more is not served: the limit is reached.
    let mut waiting = tokio::net::TcpStream::connect(relay.http).await.unwrap();
    waiting.write_all(b"GET /healthz HTTP/1.1\r\n\r\n").await.unwrap();
    relay.stop.cancel();
    relay.ended().await;
    drop(open);
}

/// A target that sends back all that it receives waits until what it sends is taken, and takes nothing meanwhile. When
/// the client has gone, nobody takes it, and the session ends all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_waits_for_a_client_that_has_gone_does_not_hold_its_session() {
    let Session { mut client, mut target, relay } = Session::open().await;
    let echoing = tokio::spawn(async move {
        let (mut read, mut write) = target.split();
        let _ = tokio::io::copy(&mut read, &mut write).await;
    });
    let sent = AtomicUsize::new(0);
    let sending = async {
        while client.try_send(vec![b'x'; MEBIBYTE / 4]).await.is_ok() {
            sent.fetch_add(MEBIBYTE / 4, Ordering::Relaxed);
        }
    };
    tokio::select! {
        () = sending => {}
        () = stall("both directions are full", || sent.load(Ordering::Relaxed)) => {}
    }
    drop(client);
    within("the target's connection ends", echoing).await.unwrap();
    until("the session ends", || async {
        let metrics = crate::support::http::get(relay.http, "/metrics").await.body;
        metrics.contains("framescope_sessions_open{kind=\"bridge\"} 0")
    })
    .await;
}
