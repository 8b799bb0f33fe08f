//! The built-in TCP server: its echo, its commands, and what it makes of bad headers.

use framescope_framing::{DecodeError, HeaderFormat, Truncated, Wanted, encode};
use tokio::io::AsyncWriteExt as _;
use tokio::task::JoinSet;

use crate::support::framed_client::FramedClient;
use crate::support::pattern::Pattern;
use crate::support::{TestRelay, until, within};

const FORMAT: HeaderFormat = HeaderFormat::LITTLE_SIGNED;

/// A relay and one client of its TCP server.
async fn connect() -> (TestRelay, FramedClient) {
    let relay = TestRelay::start().await;
    let client = FramedClient::connect(relay.tcp, FORMAT).await;
    (relay, client)
}

/// Sends one request on a separate connection and gives the reply.
async fn ask(request: &str) -> String {
    let (_relay, mut client) = connect().await;
    client.send(request).await;
    String::from_utf8(client.receive().await).expect("the reply is text")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_message_comes_back_as_it_was_sent() {
    let (_relay, mut client) = connect().await;
    for payload in [&b"hello"[..], b"", b"\0\xff\r\n\x80", " /help".as_bytes(), "粘包".as_bytes()]
    {
        client.send(payload).await;
        assert_eq!(client.receive().await, payload);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_message_comes_back_and_messages_sent_together_come_back_in_order() {
    let (_relay, mut client) = connect().await;
    let longest = Pattern::new(1).take(1024 * 1024);
    client.send(&longest).await;
    assert!(client.receive().await == longest);
    let mut wire = Vec::new();
    for payload in ["one", "", "three"] {
        encode(FORMAT, payload.as_bytes(), &mut wire).unwrap();
    }
    client.send_raw(&wire).await;
    for payload in ["one", "", "three"] {
        assert_eq!(client.receive().await, payload.as_bytes());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_cut_into_single_bytes_is_one_message() {
    let (_relay, mut client) = connect().await;
    let mut wire = Vec::new();
    encode(FORMAT, b"byte by byte", &mut wire).unwrap();
    for byte in wire.chunks(1) {
        client.send_raw(byte).await;
    }
    assert_eq!(client.receive().await, b"byte by byte");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_header_format_is_spoken() {
    for format in HeaderFormat::ALL {
        let relay = TestRelay::start_with(|config| config.header = format).await;
        let mut client = FramedClient::connect(relay.tcp, format).await;
        let payload = Pattern::new(1).take(70_000);
        client.send(&payload).await;
        assert!(client.receive().await == payload, "{format}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn burst_sends_as_many_messages_as_were_asked_for() {
    let (_relay, mut client) = connect().await;
    client.send("/burst 300 hello you").await;
    client.send("/burst 0 nothing").await;
    client.send("/burst 1").await;
    client.send("the next").await;
    for _ in 0..300 {
        assert_eq!(client.receive().await, b"hello you");
    }
    assert_eq!(client.receive().await, b"");
    assert_eq!(client.receive().await, b"the next");
}

#[tokio::test(flavor = "multi_thread")]
async fn drip_sends_one_message_in_many_pieces() {
    let (_relay, mut client) = connect().await;
    client.send("/drip drop by drop").await;
    assert_eq!(client.receive().await, b"drop by drop");
    assert!(client.reads > 1, "all came in one read");
}

#[tokio::test(flavor = "multi_thread")]
async fn split_sends_the_header_in_two_pieces() {
    let (_relay, mut client) = connect().await;
    // On a busy machine both pieces may be there when we look; then look again.
    let mut seen = None;
    within("the header is seen in two pieces", async {
        while seen != Some(Wanted::Header { have: 2 }) {
            client.send("/split in two").await;
            seen = Some(client.recv_and_look().await);
            assert_eq!(client.receive().await, b"in two");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn big_sends_one_message_of_that_length() {
    let (_relay, mut client) = connect().await;
    for (length, payload) in [(0, ""), (12, "012345678901")] {
        client.send(format!("/big {length}")).await;
        assert_eq!(client.receive().await, payload.as_bytes());
    }
    client.send("/big 1048576").await;
    assert_eq!(client.receive().await.len(), 1024 * 1024);
}

#[tokio::test(flavor = "multi_thread")]
async fn tick_sends_messages_that_count_themselves() {
    let (_relay, mut client) = connect().await;
    client.send("/tick 3 20").await;
    for message in ["tick 1 of 3", "tick 2 of 3", "tick 3 of 3"] {
        assert_eq!(client.receive().await, message.as_bytes());
    }
    assert!(client.reads > 1, "all came in one read");
}

#[tokio::test(flavor = "multi_thread")]
async fn negative_sends_a_header_that_says_minus_one() {
    let (_relay, mut client) = connect().await;
    client.send("before").await;
    assert_eq!(client.receive().await, b"before");
    client.send("/negative").await;
    assert_eq!(client.next().await, Err(DecodeError::Negative { declared: -1, offset: 10 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn huge_sends_a_header_of_two_gibibytes_less_one_in_every_format() {
    for format in HeaderFormat::ALL {
        let relay = TestRelay::start_with(|config| config.header = format).await;
        let mut client = FramedClient::connect(relay.tcp, format).await;
        client.send("/huge").await;
        let too_long =
            DecodeError::TooLong { declared: 0x7fff_ffff, limit: 1024 * 1024, offset: 0 };
        assert_eq!(client.next().await, Err(too_long), "{format}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn die_closes_in_the_middle_of_a_message() {
    let (_relay, mut client) = connect().await;
    client.send("/die").await;
    assert_eq!(client.expect_eof().await, Err(Truncated::Payload { declared: 33, have: 14 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn help_names_every_command() {
    let help = ask("/help").await;
    for command in [
        "/burst N TEXT",
        "/drip TEXT",
        "/split TEXT",
        "/big N",
        "/tick N MS",
        "/negative",
        "/huge",
        "/die",
        "/help",
    ] {
        assert!(help.contains(command), "{command} is missing in:\n{help}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_not_understood_is_answered_and_the_connection_goes_on() {
    let (_relay, mut client) = connect().await;
    for (request, reply) in [
        ("/hepl", "error: no such command; /help lists them"),
        ("/", "error: no such command; /help lists them"),
        ("/burst", "error: usage: /burst N TEXT, with a number from 0 to 10000"),
        ("/burst -1 x", "error: usage: /burst N TEXT, with a number from 0 to 10000"),
        ("/burst 10001 x", "error: usage: /burst N TEXT, with a number from 0 to 10000"),
        ("/big", "error: usage: /big N, with a number from 0 to 1048576"),
        ("/big 1048577", "error: usage: /big N, with a number from 0 to 1048576"),
        ("/big 1e3", "error: usage: /big N, with a number from 0 to 1048576"),
        ("/tick x 1", "error: usage: /tick N MS, with a number from 0 to 10000"),
        ("/tick 1 60001", "error: usage: /tick N MS, with a number from 0 to 60000"),
        ("still here", "still here"),
    ] {
        client.send(request).await;
        assert_eq!(String::from_utf8_lossy(&client.receive().await), reply, "{request}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_negative_header_gets_a_reply_that_says_so_and_then_the_end() {
    let (_relay, mut client) = connect().await;
    client.send("fine").await;
    client.send_raw(&(-5_i32).to_le_bytes()).await;
    assert_eq!(client.receive().await, b"fine");
    assert_eq!(
        String::from_utf8_lossy(&client.receive().await),
        "error: the header at byte 8 says -5, and no payload is shorter than 0 bytes"
    );
    assert_eq!(client.expect_eof().await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_over_the_limit_gets_a_reply_that_says_so_and_then_the_end() {
    let relay = TestRelay::start_with(|config| config.max_message = 1000).await;
    let mut client = FramedClient::connect(relay.tcp, FORMAT).await;
    client.send([b'x'; 1000]).await;
    assert_eq!(client.receive().await, [b'x'; 1000]);
    client.send_raw(&1001_i32.to_le_bytes()).await;
    assert_eq!(
        String::from_utf8_lossy(&client.receive().await),
        "error: the header at byte 1004 says 1001 bytes, over the limit of 1000"
    );
    assert_eq!(client.expect_eof().await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_header_gets_its_reply_even_with_megabytes_after_it() {
    for header in [[0xff; 4], [0xff, 0xff, 0xff, 0x7f]] {
        let (_relay, mut client) = connect().await;
        client.send_raw(&header).await;
        // All of it goes out before a byte is read: unread bytes must not become a reset.
        client.send_raw(&vec![b'x'; 8 * 1024 * 1024]).await;
        let reply = client.receive().await;
        assert!(reply.starts_with(b"error: the header at byte 0 says "), "{reply:?}");
        assert_eq!(client.expect_eof().await, Ok(()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_in_the_wrong_byte_order_is_told_what_it_says_here() {
    let (_relay, mut client) = connect().await;
    client.send_raw(b"\0\0\0\x05hello").await;
    assert_eq!(
        String::from_utf8_lossy(&client.receive().await),
        "error: the header at byte 0 says 83886080 bytes, over the limit of 1048576"
    );
    assert_eq!(client.expect_eof().await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_half_closes_still_gets_its_replies() {
    let (_relay, mut client) = connect().await;
    client.send("/burst 3 hi").await;
    client.stream.shutdown().await.unwrap();
    for _ in 0..3 {
        assert_eq!(client.receive().await, b"hi");
    }
    assert_eq!(client.expect_eof().await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_ends_in_the_middle_of_a_message_disturbs_no_other() {
    let (relay, mut other) = connect().await;
    other.send("before").await;
    assert_eq!(other.receive().await, b"before");
    for cut in [1, 3, 4, 6] {
        let mut client = FramedClient::connect(relay.tcp, FORMAT).await;
        client.send_raw(&b"\x05\0\0\0hello"[..cut]).await;
        client.stream.shutdown().await.unwrap();
        assert_eq!(client.expect_eof().await, Ok(()), "cut at {cut}");

        let mut client = FramedClient::connect(relay.tcp, FORMAT).await;
        client.send_raw(&b"\x05\0\0\0hello"[..cut]).await;
        client.stream.set_zero_linger().unwrap();
    }
    other.send("after").await;
    assert_eq!(other.receive().await, b"after");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_clients_are_served_at_once() {
    let relay = TestRelay::start().await;
    let mut clients = Vec::new();
    for number in 0..100 {
        let mut client = FramedClient::connect(relay.tcp, FORMAT).await;
        client.send(format!("client {number}")).await;
        clients.push(client);
    }
    // Nobody has closed, so all of these replies come from connections that are open together.
    let mut talks = JoinSet::new();
    for (number, mut client) in clients.into_iter().enumerate() {
        let tcp = relay.tcp;
        talks.spawn(async move {
            assert_eq!(client.stream.peer_addr().unwrap(), tcp);
            assert_eq!(client.receive().await, format!("client {number}").as_bytes());
            for size in [0, 1, 1000, 100_000] {
                let payload = Pattern::new(number as u64).take(size);
                client.send(&payload).await;
                assert!(client.receive().await == payload);
            }
            client
        });
    }
    let clients = within("every client is served", talks.join_all()).await;
    assert_eq!(clients.len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_over_the_limit_waits_until_another_has_closed() {
    let relay = TestRelay::start_with(|config| config.max_tcp_connections = 1).await;
    let mut first = FramedClient::connect(relay.tcp, FORMAT).await;
    first.send("first").await;
    assert_eq!(first.receive().await, b"first");
    // The kernel's backlog takes it, the server does not.
    let mut second = FramedClient::connect(relay.tcp, FORMAT).await;
    second.send("second").await;
    first.send("first again").await;
    assert_eq!(first.receive().await, b"first again");
    drop(first);
    assert_eq!(second.receive().await, b"second");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_relay_ends_its_clients_streams() {
    let (relay, mut client) = connect().await;
    client.send("hello").await;
    assert_eq!(client.receive().await, b"hello");
    relay.stop.cancel();
    assert_eq!(client.expect_eof().await, Ok(()));
    drop(client);
    let stopped = relay.tcp;
    relay.ended().await;
    until("nobody listens any more", || async {
        tokio::net::TcpStream::connect(stopped).await.is_err()
    })
    .await;
}
