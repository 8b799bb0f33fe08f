//! Why there is no session: a status before any 101, and one sentence.

use std::time::Duration;

use framescope::Config;

use crate::support::http::{Response, get, request, upgrade, upgrade_request};
use crate::support::pattern::expect_bytes;
use crate::support::target::{self, TestTarget};
use crate::support::websocket::Client;
use crate::support::{TestRelay, until};

/// Asks the bridge of a new relay for a WebSocket.
async fn ask(path: &str, headers: &[&str], adjust: impl FnOnce(&mut Config)) -> Response {
    let relay = TestRelay::start_with(adjust).await;
    upgrade(relay.http, path, headers).await.0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_not_configured_is_a_404() {
    for path in ["/bridge/nobody", "/bridge/demo%2Fx", "/bridge/127.0.0.1:22", "/bridge/DEMO"] {
        let response = ask(path, &[], |_| {}).await;
        assert_eq!(response.status, 404, "{path}");
        assert_eq!(response.body, "there is no target of this name; /relay.json lists them\n");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_read_option_out_of_bounds_is_a_400_with_its_sentence() {
    let recv = "recv is a number of bytes from 1 to 1048576\n";
    let delay = "delay_ms is a number of milliseconds from 0 to 60000\n";
    let nodelay = "nodelay is 0 or 1\n";
    let unknown = "a bridge knows recv, delay_ms and nodelay, and nothing else\n";
    for (query, sentence) in [
        ("recv=0", recv),
        ("recv=1048577", recv),
        ("recv=many", recv),
        ("recv=5&delay_ms=-1", delay),
        ("delay_ms=60001", delay),
        ("nodelay=2", nodelay),
        ("nodelay", nodelay),
        ("host=127.0.0.1", unknown),
    ] {
        let response = ask(&format!("/bridge/demo?{query}"), &[], |_| {}).await;
        assert_eq!((response.status, response.body.as_str()), (400, sentence), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn read_options_within_bounds_are_granted() {
    for query in ["", "recv=1", "recv=1048576", "delay_ms=60000", "nodelay=0&delay_ms=0&recv=5"] {
        let response = ask(&format!("/bridge/demo?{query}"), &[], |_| {}).await;
        assert_eq!(response.status, 101, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_refuses_is_a_502_with_the_reason() {
    let (_taken, address) = target::taken_but_silent();
    let relay =
        TestRelay::start_with(|config| config.targets.push(target::named("mine", address))).await;
    for response in
        [upgrade(relay.http, "/bridge/mine", &[]).await.0, get(relay.http, "/bridge/mine").await]
    {
        assert_eq!(response.status, 502);
        let reason = "the target \"mine\" cannot be reached: Connection refused";
        assert!(response.body.starts_with(reason), "{}", response.body);
    }
}

// With a full backlog, Linux lets clients wait. Other kernels may not.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_never_answers_is_a_504() {
    use std::net::Ipv4Addr;

    use tokio::net::{TcpSocket, TcpStream};
    use tokio::time::timeout;

    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = timeout(Duration::from_millis(300), TcpStream::connect(address)).await {
        waiting.push(stream.unwrap());
        assert!(waiting.len() < 100, "the backlog does not fill");
    }
    let response = ask("/bridge/mine", &[], |config| {
        config.targets.push(target::named("mine", address));
        config.connect_timeout = Duration::from_millis(300);
    })
    .await;
    assert_eq!(response.status, 504);
    assert_eq!(response.body, "the target \"mine\" did not answer within 300ms\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_get_is_a_426_that_names_websocket() {
    let relay = TestRelay::start().await;
    let response = get(relay.http, "/bridge/demo").await;
    assert_eq!((response.status, response.header("Upgrade")), (426, Some("websocket")));
    assert_eq!(response.body, "the target can be reached; to talk to it, open a WebSocket here\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_of_another_websocket_version_is_told_ours() {
    let relay = TestRelay::start().await;
    for version in ["7", "8", "0", "14", "x"] {
        let asked = upgrade_request(relay.http, "/bridge/demo", &[]);
        let asked = asked.replace("Version: 13", &format!("Version: {version}"));
        let response = request(relay.http, &asked).await;
        assert_eq!(response.status, 426, "{version}");
        assert_eq!(response.header("Sec-WebSocket-Version"), Some("13"), "{version}");
        assert_eq!(response.body, "the version of the WebSocket protocol here is 13\n");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_drops_the_upgrade_header_is_named() {
    let relay = TestRelay::start().await;
    for lost in ["Upgrade: websocket\r\n", "Connection: Upgrade\r\nUpgrade: websocket\r\n"] {
        let asked = upgrade_request(relay.http, "/bridge/demo", &[]).replace(lost, "");
        let response = request(relay.http, &asked).await;
        assert_eq!((response.status, response.header("Upgrade")), (426, Some("websocket")));
        let why = "this is a WebSocket handshake without its Upgrade header: a proxy in front did \
                   not pass it on\n";
        assert_eq!(response.body, why);
    }
    let metrics = get(relay.http, "/metrics").await.body;
    assert!(
        metrics.contains("refusals_total{reason=\"upgrade_lost\",status=\"426\"} 2"),
        "{metrics}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn connection_is_one_list_on_any_number_of_lines() {
    let relay = TestRelay::start().await;
    for lines in [
        "Connection: keep-alive\r\nConnection: Upgrade\r\n",
        "Connection: Upgrade\r\nConnection: keep-alive\r\n",
        "Connection: keep-alive, Upgrade\r\n",
        "Connection: keep-alive\r\nConnection: x\r\nConnection: upgrade\r\n",
    ] {
        let asked = upgrade_request(relay.http, "/bridge/demo", &[]);
        let asked = asked.replace("Connection: Upgrade\r\n", lines);
        assert_eq!(request(relay.http, &asked).await.status, 101, "{lines:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_ignored_where_none_is_asked_for_and_is_never_two() {
    let response = ask("/bridge/demo?token=x&recv=5", &[], |_| {}).await;
    assert_eq!(response.status, 101);
    let response = ask("/bridge/demo?token=x&token=x", &[], |_| {}).await;
    assert_eq!((response.status, &*response.body), (400, "a request has one token at most\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_session_too_many_is_a_503_until_another_has_closed() {
    let listener = TestTarget::listen().await;
    let relay = TestRelay::start_with(|config| {
        config.targets.push(listener.named("mine"));
        config.max_sessions = 1;
    })
    .await;
    let mut client = Client::open(relay.http, "/bridge/mine").await;
    let target = listener.accept().await;

    let refused = upgrade(relay.http, "/bridge/mine", &[]).await.0;
    assert_eq!(refused.status, 503);
    assert_eq!(
        refused.body,
        "the relay has reached its limit of sessions; try again when one has closed\n"
    );

    client.0.close(None).await.unwrap();
    drop((client, target));
    until("the closed session's place is free again", || async {
        upgrade(relay.http, "/bridge/mine", &[]).await.0.status == 101
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_cannot_take_every_session() {
    let listener = TestTarget::listen().await;
    let relay = TestRelay::start_with(|config| {
        config.targets.push(listener.named("mine"));
        config.max_sessions_per_address = 1;
    })
    .await;
    let _client = Client::open(relay.http, "/bridge/mine").await;
    let refused = upgrade(relay.http, "/bridge/mine", &[]).await.0;
    assert_eq!(refused.status, 503);
    assert_eq!(refused.body, "your address has reached its limit of sessions; close one first\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_a_foreign_origin_is_a_403() {
    for origin in ["http://evil.example", "null", "file://", "http://127.0.0.1:1"] {
        let response = ask("/bridge/demo", &[&format!("Origin: {origin}")], |_| {}).await;
        assert_eq!(response.status, 403, "{origin}");
        assert_eq!(
            response.body,
            format!(
                "pages of the origin {origin:?} may not use this relay; --allow-origin names \
                 those that may\n"
            )
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_origins_are_a_400_whichever_comes_first() {
    let (own, foreign) = ("Origin: https://course.example", "Origin: http://evil.example");
    for headers in [[own, foreign], [foreign, own], [own, own]] {
        let allow = |config: &mut Config| {
            config.allow_origins.push("https://course.example".parse().unwrap());
        };
        let response = ask("/bridge/demo", &headers, allow).await;
        assert_eq!(response.status, 400, "{headers:?}");
        assert_eq!(response.body, "a request has one Origin header at most\n");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_with_a_body_is_a_400() {
    for announced in ["Content-Length: 5", "Transfer-Encoding: chunked"] {
        let response = ask("/bridge/demo", &[announced], |_| {}).await;
        assert_eq!(response.status, 400, "{announced}");
        assert_eq!(response.body, "this is not a WebSocket handshake: it has a body\n");
    }
    assert_eq!(ask("/bridge/demo", &["Content-Length: 0"], |_| {}).await.status, 101);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_get_from_a_page_of_another_site_is_a_403() {
    let relay = TestRelay::start().await;
    let asked = format!(
        "GET /bridge/demo HTTP/1.1\r\nHost: {}\r\nSec-Fetch-Site: cross-site\r\n\r\n",
        relay.http
    );
    let response = request(relay.http, &asked).await;
    assert_eq!(response.status, 403);
    assert_eq!(response.body, "a page of another site may not use this relay\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_page_may_open_a_session() {
    let relay = TestRelay::start().await;
    let own = format!("Origin: http://{}", relay.http);
    assert_eq!(upgrade(relay.http, "/bridge/demo", &[&own]).await.0.status, 101);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_an_allowed_origin_may_open_a_session() {
    let origin = "https://course.example:8443";
    let allow = |config: &mut Config| config.allow_origins.push(origin.parse().unwrap());
    let header = format!("Origin: {origin}");
    assert_eq!(ask("/bridge/demo", &[&header], allow).await.status, 101);
    assert_eq!(ask("/bridge/demo", &["Origin: https://course.example"], allow).await.status, 403);
    for origin in ["tauri://localhost", "chrome-extension://abcdefghijklmnop", "null"] {
        let allow = |config: &mut Config| config.allow_origins.push(origin.parse().unwrap());
        let header = format!("Origin: {origin}");
        assert_eq!(ask("/bridge/demo", &[&header], allow).await.status, 101, "{origin}");
    }
    let any = "https://*.course.example".parse().unwrap();
    let allow = |config: &mut Config| config.allow_origins.push(any);
    let headers = ["Origin: https://a.course.example", "Host: a.course.example"];
    assert_eq!(ask("/bridge/demo", &headers, allow).await.status, 101);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_not_served_is_a_421() {
    for host in ["evil.example", "evil.example:9528", "192.0.2.1"] {
        let response = ask("/bridge/demo", &[&format!("Host: {host}")], |_| {}).await;
        assert_eq!(response.status, 421, "{host}");
        let start = format!("the Host {host:?} is not served here; ");
        assert!(response.body.starts_with(&start), "{}", response.body);
        assert!(response.body.contains("--allow-origin"), "{}", response.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_reaches_no_target() {
    let listener = TestTarget::listen().await;
    let relay = TestRelay::start_with(|config| config.targets.push(listener.named("mine"))).await;
    for headers in [
        &["Origin: http://evil.example"][..],
        &["Host: evil.example"],
        &["Sec-WebSocket-Protocol: chat"],
    ] {
        assert_ne!(upgrade(relay.http, "/bridge/mine", headers).await.0.status, 101);
    }
    assert_eq!(upgrade(relay.http, "/bridge/mine?recv=0", &[]).await.0.status, 400);
    // The target's first connection belongs to the first accepted request.
    let mut client = Client::open(relay.http, "/bridge/mine").await;
    let mut target = listener.accept().await;
    client.send("granted").await;
    client.0.close(None).await.unwrap();
    expect_bytes(&mut target, b"granted").await;
}
