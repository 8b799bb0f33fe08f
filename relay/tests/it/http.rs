//! What the relay serves over plain HTTP, and how.

use serde_json::{Value, json};

use crate::support::http::{Response, get, request, upgrade};
use crate::support::{TestRelay, target};

/// The headers that every response has.
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
        "frame-ancestors 'self'",
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
    let info: Value = serde_json::from_str(&response.body).unwrap();
    for (name, value) in [
        ("version", json!(env!("CARGO_PKG_VERSION"))),
        ("tcp_address", json!(relay.tcp.to_string())),
        ("header", json!("!I")),
        ("max_message", json!(4321)),
        ("targets", json!(["demo", "demo-plain", "zebra", "ant"])),
        ("lab", json!(cfg!(unix))),
    ] {
        assert_eq!(info[name], value, "{name}");
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
    // Without a built page, the relay serves a note that says how to build it.
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
        ("/readyz", 200),
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
    for (path, header, status) in
        [("/bridge/demo", "Origin: http://evil.example", 403), ("/", "Host: evil.example", 421)]
    {
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
async fn a_path_that_is_not_served_is_a_404_with_a_sentence() {
    let relay = TestRelay::start().await;
    for path in ["/nowhere", "/healthz/", "/bridge", "/bridge/", "/bridge/demo/x", "//"] {
        let response = get(relay.http, path).await;
        assert_eq!(response.status, 404, "{path}");
        let sentence =
            "there is nothing at this path; the page is at /, and /relay.json lists the targets\n";
        assert_eq!(response.body, sentence, "{path}");
    }
    let metrics = get(relay.http, "/metrics").await.body;
    assert!(metrics.contains("refusals_total{reason=\"path\",status=\"404\"} 6"), "{metrics}");
}

/// A load balancer's checks name nobody, or somebody else.
#[tokio::test(flavor = "multi_thread")]
async fn a_health_check_needs_no_host_and_no_token() {
    let relay = TestRelay::start_with(|config| {
        config.token = Some("a-token-of-sixteen-characters".parse().unwrap());
    })
    .await;
    for (asked, status) in [
        ("GET /healthz HTTP/1.0\r\n\r\n", 200),
        ("GET /healthz HTTP/1.0\r\nHost: 10.0.0.7\r\n\r\n", 200),
        ("GET /healthz HTTP/1.1\r\nHost: backend.example\r\n\r\n", 200),
        ("GET /healthz HTTP/1.1\r\nHost:\r\n\r\n", 200),
        ("GET /healthz HTTP/1.1\r\n\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("GET /relay.json HTTP/1.0\r\n\r\n", 400),
    ] {
        assert_eq!(request(relay.http, asked).await.status, status, "{asked:?}");
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
            let asked = format!("GET /relay.json HTTP/{version}\r\n{hosts}\r\n");
            assert_eq!(request(relay.http, &asked).await.status, 400, "{asked:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_not_served_is_a_421_on_every_path() {
    let relay = TestRelay::start().await;
    for path in ["/", "/relay.json", "/nowhere", "/bridge/demo"] {
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
        let asked = format!("GET /relay.json HTTP/1.1\r\nHost: {host}\r\n\r\n");
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
        let asked = format!("GET /relay.json HTTP/1.1\r\nHost: {host}\r\n\r\n");
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
        (format!("http://{own}/relay.json"), own.to_string(), 200),
        (
            format!("http://LOCALHOST:{}/relay.json", own.port()),
            format!("localhost:{}", own.port()),
            200,
        ),
        ("http://evil.example/relay.json".to_owned(), own.to_string(), 400),
        (format!("http://{own}/relay.json"), "localhost".to_owned(), 400),
        (format!("http://user@{own}/relay.json"), own.to_string(), 400),
        ("http://evil.example/relay.json".to_owned(), "evil.example".to_owned(), 421),
    ] {
        let asked = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let response = request(relay.http, &asked).await;
        assert_eq!(response.status, status, "{asked:?}");
        assert_secured(&target, &response);
    }
}
