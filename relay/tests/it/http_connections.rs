//! Which HTTP connections the relay closes, and how many it serves: clients that are slow, idle or greedy.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use framescope::Config;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::support::http::get_from;
use crate::support::{TestRelay, target, until, within};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_finish_its_request_is_sent_away() {
    let relay =
        TestRelay::start_with(|config| config.header_timeout = Duration::from_millis(200)).await;
    let half = format!("GET /bridge/demo HTTP/1.1\r\nHost: {}\r\nUpgrade: webso", relay.http);
    for bytes in ["", "G", &half] {
        let mut stream = TcpStream::connect(relay.http).await.unwrap();
        stream.write_all(bytes.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let end = within("the relay closes", stream.read_to_end(&mut answer)).await;
        end.expect("an end, and not a reset");
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 408"), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_drips_its_request_is_sent_away() {
    let relay =
        TestRelay::start_with(|config| config.header_timeout = Duration::from_millis(500)).await;
    let mut stream = TcpStream::connect(relay.http).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nX: ").await.unwrap();
    // Every byte comes in good time, and the end of the head never does.
    let (mut from_relay, mut to_relay) = stream.split();
    let dripping = async {
        while to_relay.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let ended = async { while matches!(from_relay.read(&mut [0; 64]).await, Ok(1..)) {} };
    within("the relay closes", async {
        tokio::select! {
            () = dripping => {}
            () = ended => {}
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_stays_open_after_its_answer_is_closed() {
    let relay =
        TestRelay::start_with(|config| config.header_timeout = Duration::from_millis(200)).await;
    let mut stream = TcpStream::connect(relay.http).await.unwrap();
    let asked = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", relay.http);
    stream.write_all(asked.as_bytes()).await.unwrap();
    let mut answer = String::new();
    within("the relay closes", stream.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.ends_with("ok\n"), "{answer}");
}

/// Loopback addresses of two clients.
const ADDRESSES: [IpAddr; 2] =
    [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2))];

/// A relay that serves three HTTP connections of an address at a time, and twelve altogether.
async fn small_relay(adjust: impl FnOnce(&mut Config)) -> TestRelay {
    TestRelay::start_with(|config| {
        (config.max_sessions, config.max_sessions_per_address) = (4, 1);
        (config.max_experiments, config.max_experiments_per_address) = (4, 1);
        (config.spare_connections, config.spare_connections_per_address) = (4, 1);
        // No unfinished request ends here.
        config.header_timeout = Duration::from_hours(1);
        adjust(config);
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_cannot_take_every_place() {
    let [greedy, other] = ADDRESSES;
    let relay = small_relay(|_| {}).await;
    let mut held = Vec::new();
    for _ in 0..12 {
        held.push(TcpStream::connect(relay.http).await.unwrap());
    }
    assert_eq!(get_from(other, relay.http, "/healthz").await.status, 200);
    let refused = get_from(greedy, relay.http, "/healthz").await;
    let said = "your address has reached its limit of connections";
    assert_eq!(refused.status, 503);
    assert!(refused.body.starts_with(said), "{}", refused.body);
    assert!(refused.header("content-security-policy").is_some());
    let counted =
        "framescope_refusals_total{reason=\"max_connections_per_address\",status=\"503\"} 10";
    let metrics = get_from(other, relay.http, "/metrics").await.body;
    assert!(metrics.contains(counted), "{metrics}");
    // Its places are free again when their clients have gone.
    drop(held);
    until("the address is served again", || async {
        get_from(greedy, relay.http, "/healthz").await.status == 200
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_takes_nothing_of_its_responses_loses_its_place() {
    // More than the kernel holds for a connection.
    const REQUESTS: usize = 400;

    let [greedy, other] = ADDRESSES;
    let (_silent, address) = target::taken_but_silent();
    let relay = small_relay(|config| {
        let targets = (0..1000).map(|number| target::named(&format!("{number:0>40}"), address));
        config.targets.extend(targets);
        config.send_timeout = Duration::from_millis(100);
    })
    .await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(1024).unwrap();
        let mut stream = socket.connect(relay.http).await.unwrap();
        let request = format!("GET /relay.json HTTP/1.1\r\nHost: {}\r\n\r\n", relay.http);
        stream.write_all(request.repeat(REQUESTS).as_bytes()).await.unwrap();
        held.push(stream);
    }
    until("the address is served again", || async {
        assert_eq!(get_from(other, relay.http, "/healthz").await.status, 200);
        get_from(greedy, relay.http, "/healthz").await.status == 200
    })
    .await;
    drop(held);
}
