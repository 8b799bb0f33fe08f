//! The subprotocol `framescope.reads.v1`: a message has the reads that were ready together, with their times.

use std::time::{Duration, Instant};

use framescope_protocol::{MAX_READS, READS_SUBPROTOCOL};
use futures_util::StreamExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::watch;

use crate::support::pattern::{Pattern, Random};
use crate::support::timed_reads::{Read, bytes_of, reads, receive_reads, receive_reads_to_close};
use crate::support::websocket::{self, Client, Received};
use crate::support::{Session, TestRelay, stall, within};

const MEBIBYTE: usize = 1024 * 1024;

/// The lengths of reads.
fn lengths<'a>(reads: impl IntoIterator<Item = &'a Read>) -> Vec<usize> {
    reads.into_iter().map(|(_, bytes)| bytes.len()).collect()
}

fn assert_times_never_decrease(messages: &[Vec<Read>]) {
    let times: Vec<u64> = messages.iter().flatten().map(|(at, _)| *at).collect();
    assert!(times.is_sorted(), "{times:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_read_has_its_own_length_and_they_stand_in_order() {
    let mut session = Session::open_timed("recv=5").await;
    session.target.write_all(b"hello world!").await.unwrap();
    session.target.shutdown().await.unwrap();
    let (messages, code, reason) = receive_reads_to_close(&mut session.client).await;
    let read: Vec<_> = messages.iter().flatten().map(|(_, bytes)| bytes.clone()).collect();
    assert_eq!(read, ["hello", " worl", "d!"]);
    assert_eq!((code, &*reason), (1000, "the target closed its side"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_small_reads_comes_in_few_messages() {
    const READS: usize = 10_000;
    let mut session = Session::open_timed("recv=1").await;
    session.target.write_all(&Pattern::new(1).take(READS)).await.unwrap();
    session.target.shutdown().await.unwrap();
    let (messages, code, _) = receive_reads_to_close(&mut session.client).await;
    assert_eq!(lengths(messages.iter().flatten()), vec![1; READS]);
    Pattern::new(1).check(&bytes_of(messages.iter().flatten()));
    assert!(messages.iter().all(|reads| reads.len() <= MAX_READS));
    // A machine that is busy ends groups early. Even then most have more than a few.
    assert!(messages.len() < READS / 4, "{} messages", messages.len());
    assert_times_never_decrease(&messages);
    assert_eq!(code, 1000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_is_alone_comes_at_once_and_alone() {
    // The next byte is sent when the one before has come. A relay that waited for it would wait for ever.
    let mut session = Session::open_timed("recv=1024").await;
    for byte in 0..200 {
        session.target.write_all(&[byte]).await.unwrap();
        let reads = receive_reads(&mut session.client).await;
        assert_eq!(reads.iter().map(|(_, bytes)| &bytes[..]).collect::<Vec<_>>(), [&[byte][..]]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_delay_each_read_comes_alone_and_has_the_time_at_which_the_relay_made_it() {
    const DELAY: u64 = 30;
    let asked = Instant::now();
    let mut session = Session::open_timed(&format!("recv=2&delay_ms={DELAY}")).await;
    session.target.write_all(b"abcdefgh").await.unwrap();
    session.target.shutdown().await.unwrap();
    let (messages, code, _) = receive_reads_to_close(&mut session.client).await;
    let since = asked.elapsed();
    assert!(messages.iter().all(|reads| reads.len() == 1), "{messages:?}");
    let reads: Vec<Read> = messages.into_iter().flatten().collect();
    assert_eq!((lengths(&reads), code), (vec![2; 4], 1000));
    for pair in reads.windows(2) {
        assert!(pair[1].0 - pair[0].0 >= DELAY * 1000, "{reads:?}");
    }
    // The session began after the client asked for it.
    assert!(Duration::from_micros(reads[3].0) < since, "{reads:?} within {since:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_of_any_size_fits_and_all_that_a_target_wrote_comes_before_the_close() {
    for query in ["recv=1", "recv=1448", "", "recv=1048576", "recv=1048576&nodelay=0"] {
        let Session { mut client, mut target, relay: _relay } = Session::open_timed(query).await;
        let total = if query == "recv=1" { 100_000 } else { 8 * MEBIBYTE };
        let writer = tokio::spawn(async move {
            let (mut pattern, mut sizes) = (Pattern::new(1), Random(1));
            while pattern.position() < total {
                let size = sizes.size(MEBIBYTE).min(total - pattern.position());
                target.write_all(&pattern.take(size)).await.unwrap();
            }
            // The drop closes it.
        });
        let (messages, code, _) = receive_reads_to_close(&mut client).await;
        let mut pattern = Pattern::new(1);
        pattern.check(&bytes_of(messages.iter().flatten()));
        assert_eq!((pattern.position(), code), (total, 1000), "{query}");
        assert_times_never_decrease(&messages);
        writer.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_target_wrote_before_it_reset_comes_before_close_1011() {
    let mut session = Session::open_timed("recv=1000&delay_ms=20").await;
    session.target.write_all(&Pattern::new(1).take(20_000)).await.unwrap();
    session.target.set_zero_linger().unwrap();
    drop(session.target);
    let (messages, code, reason) = receive_reads_to_close(&mut session.client).await;
    let bytes = bytes_of(messages.iter().flatten());
    Pattern::new(1).check(&bytes);
    assert_eq!((bytes.len(), code), (20_000, 1011));
    assert!(reason.starts_with("the connection to the target failed: "), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_the_client_is_one_write_as_ever() {
    let mut session = Session::open_timed("").await;
    let mut buffer = [0; 64];
    for message in ["hello", "world!"] {
        session.client.send(message).await;
        let read = within("the write arrives", session.target.read(&mut buffer)).await.unwrap();
        assert_eq!(&buffer[..read], message.as_bytes());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_read_stops_the_target_and_loses_nothing() {
    const FLOOD: usize = 64 * MEBIBYTE;
    let Session { client, mut target, relay: _relay } = Session::open_timed("recv=1000").await;
    let (_to_relay, mut from_relay) = client.0.split();
    let (report, written) = watch::channel(0);
    let writer = tokio::spawn(async move {
        let flood = Pattern::new(1).write(&mut target, FLOOD, |bytes| {
            report.send_replace(bytes);
        });
        flood.await.unwrap();
    });
    stall("the client that does not read stops the target", || *written.borrow()).await;
    assert!(*written.borrow() < FLOOD, "nothing held the target back");
    let mut pattern = Pattern::new(1);
    loop {
        match websocket::receive(&mut from_relay).await {
            Received::Bytes(message) => pattern.check(&bytes_of(&reads(&message))),
            Received::Close(1000, _) => break,
            other => panic!("{other:?} after {} bytes", pattern.position()),
        }
    }
    assert_eq!(pattern.position(), FLOOD);
    writer.await.unwrap();
}

/// Prints how long 100,000 reads of one byte take, in messages of one read and grouped.
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_reads_of_one_byte_come_in_a_fraction_of_the_messages() {
    /// What `/big 100000` answers: a header and that many bytes.
    const BYTES: usize = 100_004;
    let relay = TestRelay::start().await;
    let mut counts = Vec::new();
    for subprotocol in ["binary", READS_SUBPROTOCOL] {
        let mut client =
            Client::open_offering(relay.http, "/bridge/demo?recv=1", Some(subprotocol)).await;
        let began = Instant::now();
        client.send(&b"\x0b\0\0\0/big 100000"[..]).await;
        let (mut bytes, mut messages) = (0, 0);
        while bytes < BYTES {
            let message = client.receive_bytes().await;
            messages += 1;
            bytes += match subprotocol {
                READS_SUBPROTOCOL => reads(&message).len(),
                _ => message.len(),
            };
        }
        println!("{subprotocol}: {messages} messages in {:?}", began.elapsed());
        assert_eq!(bytes, BYTES);
        counts.push(messages);
    }
    assert!(counts[1] * 4 < counts[0], "{counts:?}");
}
