//! Proxies in front that say who the client is, and those who are not believed.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use framescope::{ClientFrom, Config};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};

use crate::support::http::{get, request, upgrade, upgrade_request};
use crate::support::page::{replaced, snippet};
use crate::support::process::Running;
use crate::support::target::{TestTarget, unused};
use crate::support::websocket::Client;
use crate::support::{TestRelay, skipped, until, within};

/// A relay that believes who comes from loopback, and lets each client have one session.
async fn relay_behind(from: ClientFrom, adjust: impl FnOnce(&mut Config)) -> TestRelay {
    TestRelay::start_with(|config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse().expect("it is sound")];
        config.client_from = from;
        config.max_sessions_per_address = 1;
        adjust(config);
    })
    .await
}

/// Whether the metrics have this line.
async fn has_sample(relay: SocketAddr, sample: &str) -> bool {
    get(relay, "/metrics").await.body.lines().any(|line| line == sample)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_client_behind_a_trusted_proxy_has_its_own_limit() {
    for (from, header) in [
        (ClientFrom::XForwardedFor, "X-Forwarded-For: "),
        (ClientFrom::Forwarded, "Forwarded: for="),
    ] {
        let relay = relay_behind(from, |_| {}).await;
        let lines = ["192.0.2.1", "192.0.2.2"].map(|client| format!("{header}{client}"));
        let (first, _one) = upgrade(relay.http, "/bridge/demo", &[&lines[0]]).await;
        let (second, _other) = upgrade(relay.http, "/bridge/demo", &[&lines[1]]).await;
        let (third, _) = upgrade(relay.http, "/bridge/demo", &[&lines[0]]).await;
        assert_eq!([first.status, second.status, third.status], [101, 101, 503], "{from}");
    }
}

/// More clients than one address may have connections, through one proxy.
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_may_have_more_connections_than_one_client() {
    let relay = relay_behind(ClientFrom::XForwardedFor, |config| {
        config.max_experiments_per_address = 1;
        config.spare_connections_per_address = 2;
    })
    .await;
    let mut waiting = Vec::new();
    for number in 0..20 {
        let mut proxy = TcpStream::connect(relay.http).await.unwrap();
        let header = format!("X-Forwarded-For: 192.0.2.{number}");
        let asked = upgrade_request(relay.http, "/bridge/demo", &[&header]);
        proxy.write_all(asked.as_bytes()).await.unwrap();
        waiting.push(proxy);
    }
    for mut proxy in waiting {
        let mut status = [0; 12];
        within("it is answered", proxy.read_exact(&mut status)).await.unwrap();
        assert_eq!(&status, b"HTTP/1.1 101");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_untrusted_client_says_of_itself_changes_nothing_and_is_counted() {
    let relay = TestRelay::start_with(|config| config.max_sessions_per_address = 1).await;
    let (first, _held) = upgrade(relay.http, "/bridge/demo", &["X-Forwarded-For: 192.0.2.1"]).await;
    let (second, _) = upgrade(relay.http, "/bridge/demo", &["X-Forwarded-For: 192.0.2.2"]).await;
    let (third, _) = upgrade(relay.http, "/bridge/demo", &["Forwarded: for=192.0.2.3"]).await;
    assert_eq!([first.status, second.status, third.status], [101, 503, 503]);
    let v1 =
        "PROXY TCP4 192.0.2.4 127.0.0.1 1 2\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert_eq!(request(relay.http, v1).await.status, 400);
    // One that comes in pieces is one too.
    let mut pieces = TcpStream::connect(relay.http).await.unwrap();
    pieces.set_nodelay(true).unwrap();
    for piece in v1.as_bytes()[..9].chunks(2) {
        pieces.write_all(piece).await.unwrap();
        tokio::task::yield_now().await;
    }
    let mut answer = String::new();
    within("it is answered", pieces.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.ends_with("is only taken from trusted proxies\n"), "{answer}");
    for sample in [
        "framescope_headers_not_believed_total{header=\"x-forwarded-for\"} 2",
        "framescope_headers_not_believed_total{header=\"forwarded\"} 1",
        "framescope_headers_not_believed_total{header=\"proxy-protocol\"} 2",
        "framescope_refusals_total{reason=\"untrusted_proxy_header\",status=\"400\"} 2",
    ] {
        assert!(has_sample(relay.http, sample).await, "{sample}");
    }
}

/// A Unix socket has no address. What its proxy says of the client still reaches the target.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_a_unix_socket_is_told_to_the_target() {
    let listener = TestTarget::listen().await;
    let target = format!("mine={},proxy-protocol=v2", listener.address());
    let path = std::env::temp_dir().join(format!("framescope-{}-told", std::process::id()));
    let place = format!("unix:{}", path.display());
    let _relay = TestRelay::start_with(|config| {
        config.targets = vec![target.parse().unwrap()];
        config.listen.push(place.parse().unwrap());
        config.trusted_proxies = vec!["unix".parse().unwrap()];
    })
    .await;
    let mut client = UnixStream::connect(&path).await.unwrap();
    let forwarded = "X-Forwarded-For: 192.0.2.9";
    let local = (std::net::Ipv4Addr::LOCALHOST, 80).into();
    let asked = upgrade_request(local, "/bridge/mine", &[forwarded]);
    client.write_all(asked.as_bytes()).await.unwrap();
    let mut target = listener.accept().await;
    let mut read = [0; 28];
    within("the header comes", target.read_exact(&mut read)).await.unwrap();
    assert_eq!(read[..16], *b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c");
    assert_eq!(read[16..], [192, 0, 2, 9, 0, 0, 0, 0, 0, 0, 0, 0]);
}

/// Sends these bytes before a request. Returns the status.
async fn after(relay: SocketAddr, header: &[u8], asked: &str) -> (String, TcpStream) {
    let mut stream = TcpStream::connect(relay).await.expect("it is sound");
    stream.write_all(&[header, asked.as_bytes()].concat()).await.expect("it is sound");
    let mut status = [0; 12];
    within("it is answered", stream.read_exact(&mut status)).await.expect("it is sound");
    (String::from_utf8_lossy(&status[9..]).into_owned(), stream)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_of_the_proxy_protocol_is_its_clients() {
    let relay = relay_behind(ClientFrom::ProxyProtocol, |_| {}).await;
    let asked = upgrade_request(relay.http, "/bridge/demo", &[]);
    let v2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x02\x7f\0\0\x01\0\x01\0\x02";
    let (first, _one) = after(relay.http, b"PROXY TCP4 192.0.2.1 127.0.0.1 1 2\r\n", &asked).await;
    let (second, _other) = after(relay.http, v2, &asked).await;
    let (third, _) = after(relay.http, v2, &asked).await;
    assert_eq!([first, second, third], ["101", "101", "503"]);
    // A health check of the proxy's own.
    let health = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let local = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";
    assert_eq!(after(relay.http, local, health).await.0, "200");
    // A trusted proxy that forgets it is told so.
    assert_eq!(after(relay.http, b"", health).await.0, "400");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_proxy_was_told_reaches_the_target() {
    let listener = TestTarget::listen().await;
    let target = format!("mine={},proxy-protocol=v2", listener.address());
    let relay = relay_behind(ClientFrom::ProxyProtocol, |config| {
        config.targets = vec![target.parse().unwrap()];
    })
    .await;
    let asked = upgrade_request(relay.http, "/bridge/mine", &[]);
    let header = b"PROXY TCP6 2001:db8::1 2001:db8::2 4711 443\r\n";
    let (status, _client) = after(relay.http, header, &asked).await;
    assert_eq!(status, "101");
    let mut target = listener.accept().await;
    let mut read = [0; 16 + 36];
    within("the header comes", target.read_exact(&mut read)).await.unwrap();
    assert_eq!(read[..16], *b"\r\n\r\n\0\r\nQUIT\n\x21\x21\0\x24");
    assert_eq!(read[16..32], [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    assert_eq!(read[48..], [0x12, 0x67, 0x01, 0xbb]);
}

/// A program in front, which listens at the address when it is started with the file.
async fn start(program: &str, arguments: &[&str], at: SocketAddr) -> Option<Running> {
    let found = ["/usr/sbin", "/usr/bin"].map(|folder| PathBuf::from(folder).join(program));
    let Some(path) = found.into_iter().find(|path| path.exists()) else {
        skipped(&format!("{program} is not here"));
        return None;
    };
    let mut command = Command::new(path);
    command.args(arguments).stderr(Stdio::null());
    let running = Running::start(command);
    until("the proxy listens", || async { TcpStream::connect(at).await.is_ok() }).await;
    Some(running)
}

fn file(name: &str, text: &str) -> PathBuf {
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", std::process::id()));
    fs::create_dir_all(&folder).expect("the folder can be made");
    let file = folder.join("configuration");
    fs::write(&file, text).expect("it can be written");
    file
}

/// `HAProxy`, whose health check is HTTP/1.0 without a Host, and which says who the client is in this way.
async fn behind_haproxy(from: ClientFrom) {
    let relay = relay_behind(from, |_| {}).await;
    let front = unused();
    let mut configuration = snippet("haproxy");
    for (part, other) in [
        ("bind :80", format!("bind {front}")),
        ("127.0.0.1:9528 check", format!("{} check inter 100ms", relay.http)),
    ] {
        configuration = replaced(&configuration, part, &other);
    }
    let says = "option forwardfor";
    configuration = match from {
        ClientFrom::XForwardedFor => configuration,
        ClientFrom::Forwarded => {
            replaced(&configuration, says, "http-request set-header Forwarded for=%[src]")
        }
        ClientFrom::ProxyProtocol => replaced(
            &replaced(&configuration, says, ""),
            "check inter",
            "send-proxy-v2 check-send-proxy check inter",
        ),
    };
    let configuration = file(&format!("haproxy-{from}"), &configuration);
    let arguments = ["-db", "-f", configuration.to_str().expect("it is sound")];
    let Some(_proxy) = start("haproxy", &arguments, front).await else { return };
    until("HAProxy finds the relay healthy", || async {
        get(front, "/healthz").await.status == 200
    })
    .await;
    // Two addresses of this machine are two clients.
    let from_address = |own: &'static str| async move {
        let own = own.parse().expect("it is sound");
        crate::support::http::upgrade_from(own, front, "/bridge/demo", &[]).await
    };
    let (first, stream) = from_address("127.0.0.21").await;
    let (second, _other) = from_address("127.0.0.22").await;
    let (third, _) = from_address("127.0.0.21").await;
    assert_eq!([first.status, second.status, third.status], [101, 101, 503], "{from}");
    let mut client = Client::on(stream).await;
    client.send(&b"\x05\0\0\0hello"[..]).await;
    assert_eq!(&client.receive_bytes().await[..], b"\x05\0\0\0hello");
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_haproxy_clients_are_told_apart_by_x_forwarded_for() {
    behind_haproxy(ClientFrom::XForwardedFor).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_haproxy_clients_are_told_apart_by_forwarded() {
    behind_haproxy(ClientFrom::Forwarded).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_haproxy_clients_are_told_apart_by_the_proxy_protocol() {
    behind_haproxy(ClientFrom::ProxyProtocol).await;
}

/// nginx, as docs/operating.md has it.
async fn nginx(upgrades: bool, relay: SocketAddr) -> Option<(Running, SocketAddr)> {
    let front = unused();
    let mut server = snippet("nginx");
    for (part, other) in [
        ("listen 80;", format!("listen {front};")),
        ("http://127.0.0.1:9528/", format!("http://{relay}/")),
    ] {
        server = replaced(&server, part, &other);
    }
    if !upgrades {
        server = replaced(&server, "proxy_set_header Upgrade $http_upgrade;", "");
        server = replaced(&server, "proxy_set_header Connection \"upgrade\";", "");
    }
    let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|one| format!("{one}_temp_path {one};"));
    let configuration = format!(
        "daemon off; master_process off; pid pid; error_log stderr;\n events {{}}\n\
         http {{ access_log off; {} {server} }}",
        folders.concat()
    );
    let configuration = file(&format!("nginx-{upgrades}"), &configuration);
    let folder = configuration.parent().expect("it is sound").to_str().expect("it is sound");
    let arguments = ["-p", folder, "-c", configuration.to_str().expect("it is sound")];
    start("nginx", &arguments, front).await.map(|running| (running, front))
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_nginx_clients_are_told_apart_and_cannot_lie() {
    let relay = relay_behind(ClientFrom::XForwardedFor, |config| {
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    let Some((_proxy, front)) = nginx(true, relay.http).await else { return };
    let path = "/framescope/bridge/demo";
    let open = |own: &'static str, said: &'static str| async move {
        let lie = format!("X-Forwarded-For: {said}");
        crate::support::http::upgrade_from(own.parse().unwrap(), front, path, &[&lie]).await
    };
    let (first, _one) = open("127.0.0.21", "192.0.2.1").await;
    let (second, _other) = open("127.0.0.22", "192.0.2.1").await;
    let (third, _) = open("127.0.0.21", "192.0.2.2").await;
    assert_eq!([first.status, second.status, third.status], [101, 101, 503]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_nginx_that_drops_upgrade_is_told_so() {
    let relay = TestRelay::start().await;
    let Some((_proxy, front)) = nginx(false, relay.http).await else { return };
    let (answer, _) = upgrade(front, "/framescope/bridge/demo", &[]).await;
    assert_eq!(answer.status, 426);
    assert!(answer.body.contains("a proxy in front did not pass it on"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_caddy_clients_are_told_apart() {
    let relay = relay_behind(ClientFrom::XForwardedFor, |_| {}).await;
    let front = unused();
    let site = replaced(&snippet("caddyfile"), "http://relay.example", &format!("http://{front}"));
    let site = replaced(&site, "127.0.0.1:9528", &relay.http.to_string());
    let configuration = file("caddy", &format!("{{\n admin off\n auto_https off\n}}\n{site}"));
    let path = configuration.to_str().unwrap();
    let arguments = ["run", "--adapter", "caddyfile", "--config", path];
    let Some(_proxy) = start("caddy", &arguments, front).await else { return };
    // Whatever comes through Caddy is of the address that Caddy saw.
    let path = "/framescope/bridge/demo";
    let open = |own: &'static str| async move {
        let own = own.parse().unwrap();
        crate::support::http::upgrade_from(own, front, path, &["X-Forwarded-For: 192.0.2.1"]).await
    };
    let (first, _one) = open("127.0.0.21").await;
    let (second, _other) = open("127.0.0.22").await;
    let (third, _) = open("127.0.0.21").await;
    assert_eq!([first.status, second.status, third.status], [101, 101, 503]);
}
