//! Whose clock the times of chunks are of.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use framescope_protocol::READS_SUBPROTOCOL;
use framescope_record::{Crossed, Recording};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy};
use tokio::net::{TcpListener, TcpStream};

use crate::browser::{IS_OPEN, LISTS, Page};
use crate::support::TestRelay;

const NOTE: &str = "#received-note";

#[tokio::test]
async fn the_time_of_a_chunk_is_that_of_the_relay_which_recorded_the_same() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("times-of-the-relay.json");
    // An earlier run of the test may have made it.
    let _ = fs::remove_file(&file);
    let relay = TestRelay::start_with(|config| config.record = Some(file.clone())).await;
    let page = Page::open(relay.http, &format!("{LISTS}&recv=5&delay_ms=20"), &[]).await;
    page.until("it is connected", IS_OPEN).await;
    page.send("/burst 3 hello").await;
    page.until_texts("#messages .content", &["\"hello\"", "\"hello\"", "\"hello\""]).await;
    let shown = page.texts("#chunks .time").await;
    let note = "Each chunk is what one recv() on the TCP socket returned, and its time is the relay's, \
                at the socket. WebSocket keeps boundaries; TCP does not.";
    assert_eq!(page.texts(NOTE).await, [note]);
    page.close().await;
    relay.stop.cancel();
    relay.ended().await;

    let json = fs::read_to_string(&file).expect("the session was recorded");
    let recording = Recording::from_json(&json).expect("the recording is whole");
    let reads = recording.events.iter().filter(|event| match &event.what {
        Crossed::Received(data) => !data.0.is_empty(),
        Crossed::Sent(_) => false,
    });
    let recorded: Vec<String> =
        reads.map(|read| format!("{}.{:03} ms", read.at / 1000, read.at % 1000)).collect();
    assert_eq!(shown, recorded);
}

/// An address at which a relay looks as if it did not know `framescope.reads.v1`: offers of it do not get through.
async fn older(relay: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("there are free ports");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        while let Ok((browser, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from_browser, mut to_browser) = browser.into_split();
                let relay = TcpStream::connect(relay).await.expect("the relay listens");
                let (mut from_relay, mut to_relay) = relay.into_split();
                tokio::spawn(async move { copy(&mut from_relay, &mut to_browser).await });
                let mut buffer = vec![0; 64 * 1024];
                while let Ok(length @ 1..) = from_browser.read(&mut buffer).await {
                    // A request is short and comes in one piece.
                    let unknown = hide(READS_SUBPROTOCOL, &mut buffer[..length]);
                    if to_relay.write_all(unknown).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

/// Makes the name unknown wherever it stands.
fn hide<'a>(name: &str, bytes: &'a mut [u8]) -> &'a [u8] {
    let places = bytes.windows(name.len()).enumerate();
    let found: Vec<usize> =
        places.filter(|(_, window)| *window == name.as_bytes()).map(|(at, _)| at).collect();
    for at in found {
        bytes[at] = b'x';
    }
    bytes
}

#[tokio::test]
async fn a_relay_that_tells_no_times_is_used_and_the_page_says_that_they_are_its_own() {
    let relay = TestRelay::start().await;
    let page = Page::open(older(relay.http).await, &format!("{LISTS}&recv=5"), &[]).await;
    page.until("it is connected", IS_OPEN).await;
    page.send("hello").await;
    page.until_texts("#messages .content", &["\"hello\""]).await;
    page.until_texts("#chunks .content", &[r"b'\x05\x00\x00\x00h'", "b'ello'"]).await;
    for time in page.texts("#chunks .time").await {
        let digits = time.strip_suffix(" ms").and_then(|time| time.split_once('.'));
        assert_eq!(digits.map(|(_, digits)| digits.len()), Some(1), "{time}");
    }
    let note = "Each chunk is what one recv() on the TCP socket returned, and its time is when this page \
                got it. WebSocket keeps boundaries; TCP does not.";
    assert_eq!(page.texts(NOTE).await, [note]);
    page.close().await;
}
