//! The first request of a connection, and those after it, get the same answers.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::http::{Response, get, upgrade, upgrade_after};
use crate::support::target::{TestTarget, taken_but_silent};
use crate::support::websocket::Client;
use crate::support::{TestRelay, until, within};

/// An answer without what differs from one connection or second to the next.
fn comparable(answer: &Response) -> (u16, &str, Vec<(String, &str)>) {
    let mut headers: Vec<_> = answer
        .headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.as_str()))
        .filter(|(name, _)| !matches!(name.as_str(), "date" | "connection"))
        .collect();
    headers.sort();
    (answer.status, &answer.body, headers)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_gets_the_same_answer_as_a_first_request_and_as_a_second() {
    let (_taken, silent) = taken_but_silent();
    let relay = TestRelay::start_with(|config| {
        config.targets = vec![
            format!("silent={silent}").parse().unwrap(),
            format!("own={silent},token=a-token-of-its-own").parse().unwrap(),
        ];
    })
    .await;
    for (path, headers, status) in [
        ("/bridge/demo", &[][..], 101),
        ("/bridge/demo?recv=5&delay_ms=3", &["Sec-WebSocket-Protocol: chat, binary"], 101),
        ("/bridge/demo?token=is-not-asked-for", &["Authorization: Bearer of-nobody"], 101),
        ("/bridge/demo", &["Connection: keep-alive"], 101),
        ("/bridge/demo", &["Origin: http://evil.example"], 403),
        ("/bridge/demo", &["Origin: null", "Origin: null"], 400),
        ("/bridge/demo", &["Host: evil.example"], 421),
        ("/bridge/demo", &["Sec-WebSocket-Protocol: chat"], 400),
        ("/bridge/demo?recv=0", &[], 400),
        ("/bridge/demo?token=one&token=two", &[], 400),
        ("/bridge/demo", &["Sec-WebSocket-Key: second"], 400),
        ("/bridge/nobody", &[], 404),
        ("/bridge/", &[], 404),
        ("/bridge/demo/more", &[], 404),
        ("/bridge/%64emo", &[], 101),
        ("/bridge/silent", &[], 502),
        ("/bridge/own", &[], 401),
        ("/bridge/own?token=a-token-of-its-own", &[], 502),
    ] {
        let (first, _one) = upgrade(relay.http, path, headers).await;
        let (second, _other) = upgrade_after(relay.http, path, headers).await;
        assert_eq!(first.status, status, "{path} {headers:?}: {}", first.body);
        assert_eq!(comparable(&first), comparable(&second), "{path} {headers:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_a_handshake_at_once_reaches_the_target() {
    let relay = TestRelay::start().await;
    let mut stream = TcpStream::connect(relay.http).await.unwrap();
    let asked = crate::support::http::upgrade_request(relay.http, "/bridge/demo", &[]);
    let frame = b"\x82\x89\0\0\0\0\x05\0\0\0hello";
    stream.write_all(&[asked.as_bytes(), frame].concat()).await.unwrap();
    let mut answer = Vec::new();
    let echoed = b"\x05\0\0\0hello";
    within("it comes back", async {
        while !answer.ends_with(echoed) {
            assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0);
        }
    })
    .await;
    assert!(answer.starts_with(b"HTTP/1.1 101 Switching Protocols\r\n"));
}

/// A client may close its side when it has asked. It is answered.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_asks_for_no_more_is_answered() {
    let relay = TestRelay::start().await;
    for (asked, status) in [
        ("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 200"),
        ("GET /bridge/demo HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 426"),
        (
            "GET /bridge/nobody HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\r\n",
            "HTTP/1.1 404",
        ),
    ] {
        let mut stream = TcpStream::connect(relay.http).await.unwrap();
        stream.write_all(asked.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = String::new();
        within("it is answered", stream.read_to_string(&mut answer)).await.unwrap();
        assert!(answer.starts_with(status), "{asked}: {answer}");
    }
}

/// A session of a connection that was asked something else first.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_request_may_open_a_session() {
    let listener = TestTarget::listen().await;
    let relay = TestRelay::start_with(|config| config.targets.push(listener.named("mine"))).await;
    let (answer, stream) = upgrade_after(relay.http, "/bridge/mine", &[]).await;
    assert_eq!(answer.status, 101);
    let mut client = Client::on(stream).await;
    client.send(&b"hello"[..]).await;
    let mut target = listener.accept().await;
    let mut read = [0; 5];
    within("it arrives", target.read_exact(&mut read)).await.unwrap();
    drop(client);
    let is_closed = async || {
        let metrics = get(relay.http, "/metrics").await.body;
        metrics.contains("framescope_sessions_open{kind=\"bridge\"} 0")
    };
    until("the session ends", is_closed).await;
}
