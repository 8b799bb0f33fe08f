//! What the relay serves over plain HTTP, and how.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use framescope::Config;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::support::http::{Response, get, get_from, request, upgrade};
use crate::support::target;
use crate::support::{TestRelay, until, within};

/// What every response carries, whatever it says.
const SECURITY_HEADERS: [(&str, &str); 4] = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
];

fn assert_secured(what: &str, response: &Response) {
    for (name, value) in SECURITY_HEADERS {
        assert_eq!(response.header(name), Some(value), "{name} of {what}");
    }
    let policy = response.header("Content-Security-Policy").unwrap_or_default();
    let rules: Vec<&str> = policy.split(';').map(str::trim).collect();
    for rule in [
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(rules.contains(&rule), "the policy of {what} lacks {rule}: {policy}");
    }
    for word in ["unsafe-inline", "'unsafe-eval'", "*", "http:", "https:"] {
        assert!(!policy.contains(word), "the policy of {what} has {word}: {policy}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn healthz_says_ok() {
    let relay = TestRelay::start().await;
    let response = get(relay.http, "/healthz").await;
    assert_eq!((response.status, response.body.as_str()), (200, "ok\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn relay_json_says_what_the_page_must_know() {
    let (_silent, address) = target::taken_but_silent();
    let relay = TestRelay::start_with(|config| {
        config.targets.push(target::named("zebra", address));
        config.targets.push(target::named("ant", address));
        config.header = "!I".parse().unwrap();
        config.max_message = 4321;
    })
    .await;
    let response = get(relay.http, "/relay.json").await;
    assert_eq!(response.status, 200);
    assert_eq!(response.header("Content-Type"), Some("application/json"));
    assert_eq!(response.header("Cache-Control"), Some("no-store"));
    let facts: Value = serde_json::from_str(&response.body).unwrap();
    for (name, value) in [
        ("version", json!(env!("CARGO_PKG_VERSION"))),
        ("tcp_address", json!(relay.tcp.to_string())),
        ("header", json!("!I")),
        ("max_message", json!(4321)),
        ("targets", json!(["demo", "zebra", "ant"])),
        ("lab", json!(cfg!(unix))),
    ] {
        assert_eq!(facts[name], value, "{name}");
    }
    assert!(!response.body.contains(&address.to_string()), "a target's address is nobody's affair");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_served_at_the_root() {
    let relay = TestRelay::start().await;
    let response = get(relay.http, "/").await;
    assert_eq!(response.status, 200);
    let kind = response.header("Content-Type").unwrap_or_default();
    assert!(kind.starts_with("text/html"), "{kind}");
    let start = response.body.get(..15).unwrap_or_default();
    assert!(start.eq_ignore_ascii_case("<!doctype html>"), "{}", response.body);
    // Compiled on its own, the relay has a note in the page's place that says what to do.
    if option_env!("FRAMESCOPE_PAGE").is_none() {
        assert!(response.body.contains("The page was not built"), "{}", response.body);
        assert!(response.body.contains("cargo xtask demo"), "{}", response.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_response_carries_the_security_headers() {
    let (_silent, address) = target::taken_but_silent();
    let relay =
        TestRelay::start_with(|config| config.targets.push(target::named("silent", address))).await;
    for (path, status) in [
        ("/", 200),
        ("/healthz", 200),
        ("/relay.json", 200),
        ("/nowhere", 404),
        ("/bridge/demo", 426),
        ("/bridge/demo?recv=0", 400),
        ("/bridge/nobody", 404),
        ("/bridge/silent", 502),
        ("/lab", if cfg!(unix) { 426 } else { 501 }),
    ] {
        let response = get(relay.http, path).await;
        assert_eq!(response.status, status, "{path}");
        assert_secured(path, &response);
    }
    for (path, header, status) in [
        ("/bridge/demo", "Accept: */*", 101),
        ("/bridge/demo", "Origin: http://evil.example", 403),
        ("/", "Host: evil.example", 421),
    ] {
        let response = upgrade(relay.http, path, &[header]).await.0;
        assert_eq!(response.status, status, "{path} with {header}");
        assert_secured(header, &response);
    }
    let post =
        format!("POST /relay.json HTTP/1.1\r\nHost: {}\r\nContent-Length: 0\r\n\r\n", relay.http);
    let response = request(relay.http, &post).await;
    assert_eq!(response.status, 405);
    assert_secured("a POST", &response);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_is_not_served_is_a_404() {
    let relay = TestRelay::start().await;
    for path in ["/nowhere", "/healthz/", "/bridge", "/bridge/", "/bridge/demo/x", "//"] {
        assert_eq!(get(relay.http, path).await.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_leads_out_of_the_page() {
    let relay = TestRelay::start().await;
    for path in [
        "/../Cargo.toml",
        "/../../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/%2e%2e%2fCargo.toml",
        "/..%5cCargo.toml",
        "/./index.html/../../Cargo.toml",
        "//etc/passwd",
        "/etc/passwd",
        "/index.html%00",
        "/%00",
        "/\\..\\Cargo.toml",
        "/..%2f..%2fetc%2fpasswd",
        "/%252e%252e/Cargo.toml",
        "///etc/passwd",
        "/index.html/",
        "/C:/Windows/win.ini",
        "/bridge/../Cargo.toml",
    ] {
        let response = get(relay.http, path).await;
        assert!(matches!(response.status, 400 | 404), "{path}: {}", response.status);
        assert!(!response.body.contains("[package]"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_has_one_host_header() {
    let relay = TestRelay::start().await;
    let host = format!("Host: {}\r\n", relay.http);
    for hosts in [String::new(), host.repeat(2), format!("{host}Host: evil.example\r\n")] {
        for version in ["1.1", "1.0"] {
            let asked = format!("GET /healthz HTTP/{version}\r\n{hosts}\r\n");
            assert_eq!(request(relay.http, &asked).await.status, 400, "{asked:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_not_served_is_a_421_on_every_path() {
    let relay = TestRelay::start().await;
    for path in ["/", "/healthz", "/relay.json", "/nowhere", "/bridge/demo"] {
        let asked = format!("GET {path} HTTP/1.1\r\nHost: evil.example\r\n\r\n");
        assert_eq!(request(relay.http, &asked).await.status, 421, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_name_of_this_machine_is_served() {
    let relay = TestRelay::start().await;
    let port = relay.http.port();
    for host in [format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("[::1]:{port}")]
    {
        let asked = format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n");
        assert_eq!(request(relay.http, &asked).await.status, 200, "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_is_too_long_is_a_431() {
    let relay = TestRelay::start().await;
    let long = "x".repeat(16 * 1024);
    let asked = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\nCookie: {long}", relay.http);
    assert_eq!(request(relay.http, &asked).await.status, 431);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_http_is_a_400() {
    let relay = TestRelay::start().await;
    assert_eq!(request(relay.http, "\u{5}\0\0\0hello\r\n\r\n").await.status, 400);
}

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

#[tokio::test(flavor = "multi_thread")]
async fn each_host_and_each_origin_gets_its_status() {
    let relay = TestRelay::start().await;
    let port = relay.http.port();
    let own = format!("127.0.0.1:{port}");
    for (host, status) in [
        (own.clone(), 200),
        (format!("LOCALHOST:{port}"), 200),
        (format!("localhost.:{port}"), 200),
        (format!("[::1]:{port}"), 200),
        (format!("[::ffff:127.0.0.1]:{port}"), 200),
        ("localhost".to_owned(), 200),
        ("localhost:65536".to_owned(), 421),
        ("localhost:port".to_owned(), 421),
        ("localhost..".to_owned(), 421),
        ("localhost.evil.example".to_owned(), 421),
        ("evil.example#localhost".to_owned(), 421),
        ("user@localhost".to_owned(), 421),
        ("[::1".to_owned(), 421),
        ("[::2]".to_owned(), 421),
        ("192.0.2.1".to_owned(), 421),
        ("null".to_owned(), 421),
        (String::new(), 421),
    ] {
        let asked = format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n");
        assert_eq!(request(relay.http, &asked).await.status, status, "Host: {host}");
    }
    for (origin, host, status) in [
        (format!("http://{own}"), own.clone(), 101),
        (format!("HTTP://LOCALHOST:{port}"), format!("localhost:{port}"), 101),
        (format!("http://localhost:{port}"), format!("localhost.:{port}"), 101),
        (format!("http://[::1]:{port}"), format!("[::1]:{port}"), 101),
        ("null".to_owned(), own.clone(), 403),
        ("NULL".to_owned(), own.clone(), 403),
        (String::new(), own.clone(), 403),
        ("http://127.0.0.1".to_owned(), own.clone(), 403),
        (format!("http://localhost:{port}"), own.clone(), 403),
        (format!("http://[::1]:{port}"), own.clone(), 403),
        (format!("http://{own}.evil.example"), own.clone(), 403),
        (format!("http://{own}@evil.example"), own.clone(), 403),
        (format!("http://{own}, http://evil.example"), own.clone(), 403),
        (format!("ftp://{own}"), own.clone(), 403),
    ] {
        let headers = [format!("Origin: {origin}"), format!("Host: {host}")];
        let headers = headers.each_ref().map(String::as_str);
        let response = upgrade(relay.http, "/bridge/demo", &headers).await.0;
        assert_eq!(response.status, status, "{headers:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absolute_request_target_names_the_same_host_as_the_header() {
    let relay = TestRelay::start().await;
    let own = relay.http;
    for (target, host, status) in [
        (format!("http://{own}/healthz"), own.to_string(), 200),
        (
            format!("http://LOCALHOST:{}/healthz", own.port()),
            format!("localhost:{}", own.port()),
            200,
        ),
        ("http://evil.example/healthz".to_owned(), own.to_string(), 400),
        (format!("http://{own}/healthz"), "localhost".to_owned(), 400),
        (format!("http://user@{own}/healthz"), own.to_string(), 400),
        ("http://evil.example/healthz".to_owned(), "evil.example".to_owned(), 421),
    ] {
        let asked = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let response = request(relay.http, &asked).await;
        assert_eq!(response.status, status, "{asked:?}");
        assert_secured(&target, &response);
    }
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
    let said = "your address has as many connections to the relay as it may have";
    assert_eq!(refused.status, 503);
    assert!(refused.body.starts_with(said), "{}", refused.body);
    let counted = "framescope_refusals_total{reason=\"max_connections_per_address\"} 10";
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
