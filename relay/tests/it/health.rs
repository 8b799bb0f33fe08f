//! `framescope health`, which a container runs.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

#[cfg(unix)]
use crate::support::authority::Authority;
#[cfg(unix)]
use crate::support::certificate::Certificate;
#[cfg(unix)]
use crate::support::process::Running;
use crate::support::process::{Finished, RelayProcess, framescope, run};
use crate::support::within;

async fn health(arguments: &[&str]) -> Finished {
    let mut command = framescope();
    command.arg("health").args(arguments);
    run(command).await
}

fn finished(code: i32, stderr: &str) -> Finished {
    Finished { code: Some(code), stdout: String::new(), stderr: stderr.to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_serves_is_healthy() {
    let relay = RelayProcess::start(&[]).await;
    assert_eq!(health(&["--listen", &relay.http.to_string()]).await, finished(0, ""));
    let mut command = framescope();
    command.arg("health").env("FRAMESCOPE_LISTEN", relay.http.to_string());
    assert_eq!(run(command).await, finished(0, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_and_another_answer_are_not_healthy() {
    let server = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = server.local_addr().expect("it is bound").to_string();
    for (answer, said) in [
        ("", "closes the connection without an answer"),
        ("HTTP/1.1 200 OK\r\n\r\nwelcome", "is another program than framescope"),
        (
            "HTTP/1.1 503 Service Unavailable\r\n\r\n",
            "answers \"HTTP/1.1 503 Service Unavailable\"",
        ),
        (
            "\x1b[2J\0\n",
            "answers \"\\u{1b}[2J\\0\", which is no HTTP: with TLS, health needs --tls-cert and --tls-key too",
        ),
    ] {
        let answering = async {
            let (mut client, _) =
                within("it connects", server.accept()).await.expect("it is sound");
            // A connection that is closed before the request was read is reset.
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(within("the request", client.read_u8()).await.expect("it is sound"));
            }
            client.write_all(answer.as_bytes()).await.expect("it is sound");
        };
        let arguments = ["--listen", address.as_str()];
        let (asked, ()) = tokio::join!(health(&arguments), answering);
        assert_eq!(asked.stderr, format!("framescope: {address} {said}\n"));
        assert_eq!(asked.code, Some(1));
    }
    drop(server);
    let asked = health(&["--listen", &address]).await;
    assert!(asked.stderr.starts_with(&format!("framescope: nothing answers at {address}")));
    assert_eq!((asked.code, asked.stderr.lines().count()), (Some(1), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_command_line_of_a_relay_is_refused() {
    for arguments in [&["--listen", "here"][..], &["doctor"], &["--nothing"]] {
        let Finished { code, stderr, .. } = health(arguments).await;
        assert_eq!((code, stderr.lines().count()), (Some(2), 1), "{arguments:?}: {stderr}");
    }
}

/// A relay that serves at a Unix socket, and nowhere else unless `options` say so.
#[cfg(unix)]
async fn at_unix_socket(name: &str, options: &[&str]) -> (Running, Vec<String>) {
    let path = std::env::temp_dir().join(format!("framescope-{}-{name}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let unix = format!("unix:{},mode=600", path.display());
    let all = options.iter().copied().chain(["--tcp-listen", "off", "--listen", &unix]);
    let all: Vec<String> = all.map(str::to_owned).collect();
    let mut command = framescope();
    command.args(&all);
    let mut relay = Running::start(command);
    relay.line().await;
    (relay, all)
}

#[cfg(unix)]
async fn health_of(options: &[String]) -> Finished {
    health(&options.iter().map(String::as_str).collect::<Vec<_>>()).await
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_relay_with_nothing_but_a_unix_socket_is_asked_there() {
    let certificate = Certificate::new("health-unix");
    let proxied = ["--trusted-proxy", "unix", "--client-from", "proxy-protocol"];
    // No TLS is spoken there.
    for (name, options) in
        [("health", &[][..]), ("health-tls", &certificate.arguments()), ("health-proxy", &proxied)]
    {
        let (mut relay, options) = at_unix_socket(name, options).await;
        assert_eq!(health_of(&options).await, finished(0, ""), "{options:?}");
        relay.signal("TERM");
        assert_eq!(relay.exit_code().await, Some(0));
        let asked = health_of(&options).await;
        assert_eq!((asked.code, asked.stderr.lines().count()), (Some(1), 1), "{asked:?}");
        assert!(asked.stderr.starts_with("framescope: nothing answers at unix:/"), "{asked:?}");
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_asks_for_certificates_is_asked_at_a_unix_socket_or_not_at_all() {
    let (certificate, authority) = (Certificate::new("health-ca"), Authority::new("health-ca"));
    let options = ["--tls-client-ca", authority.file(), "--listen", "127.0.0.1:0"];
    let options = [&certificate.arguments()[..], &options].concat();
    let (_relay, all) = at_unix_socket("health-ca", &options).await;
    assert_eq!(health_of(&all).await, finished(0, ""));
    let said = "framescope: the relay asks for a certificate, and health has none; with another \
        --listen unix:/PATH it asks there\n";
    assert_eq!(health(&options).await, finished(1, said));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn sockets_that_nobody_names_are_not_asked() {
    let said =
        "framescope: health asks an address or a Unix socket; of these options none has one\n";
    assert_eq!(health(&["--listen", "fd:systemd"]).await, finished(1, said));
}

/// Who is trusted at an address, and says who a client is by the PROXY protocol, begins with its header.
#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_takes_us_for_a_proxy_is_asked_as_one() {
    let options = ["--trusted-proxy", "127.0.0.0/8", "--client-from", "proxy-protocol"];
    let relay = RelayProcess::start(&options).await;
    let address = relay.http.to_string();
    assert_eq!(health(&[&options[..], &["--listen", &address]].concat()).await, finished(0, ""));
}
