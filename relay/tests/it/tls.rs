//! The page and the WebSockets over TLS, on the real binary.

use std::fs;
use std::path::Path;

use futures_util::SinkExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::http::Request;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::support::certificate::Certificate;
use crate::support::process::{Finished, RelayProcess, framescope, run};
use crate::support::websocket::{self, Received};
use crate::support::within;

#[tokio::test(flavor = "multi_thread")]
async fn a_session_runs_over_tls_from_our_own_page_and_ends_with_its_close() {
    let certificate = Certificate::new("session");
    let mut relay = RelayProcess::start(&certificate.arguments()).await;
    let stream = certificate.connect(relay.http).await;
    let port = relay.http.port();
    let request = Request::builder()
        .uri(format!("ws://localhost:{port}/bridge/demo"))
        .header("Host", format!("localhost:{port}"))
        .header("Origin", format!("https://localhost:{port}"))
        .header("Connection", "Upgrade")
        .header("Upgrade", "websocket")
        .header("Sec-WebSocket-Version", "13")
        .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
        .body(())
        .unwrap();
    let opening = client_async(request, stream);
    let (mut client, _) = within("the upgrade is answered", Box::pin(opening)).await.unwrap();
    for length in [5, 1_000_000] {
        let mut message = u32::try_from(length).unwrap().to_le_bytes().to_vec();
        message.resize(4 + length, b'x');
        echo(&mut client, message).await;
    }
    relay.running.signal("TERM");
    let end = websocket::receive(&mut client).await;
    assert_eq!(end, Received::Close(1001, "the relay is shutting down".to_owned()));
    assert_eq!(websocket::receive(&mut client).await, Received::End);
    drop(client);
    assert_eq!(relay.running.exit_code().await, Some(0));
}

/// Sends a message to the built-in server and reads as many bytes.
async fn echo(client: &mut WebSocketStream<TlsStream<TcpStream>>, message: Vec<u8>) {
    client.send(Message::binary(message.clone())).await.expect("it is sound");
    let mut echoed = Vec::new();
    while echoed.len() < message.len() {
        match websocket::receive(client).await {
            Received::Bytes(bytes) => echoed.extend_from_slice(&bytes),
            other => panic!("{other:?}"),
        }
    }
    assert!(echoed == message, "other bytes came back");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_served_over_tls_and_a_plain_client_is_told_so() {
    let certificate = Certificate::new("page");
    let [cert, cert_file, key, key_file] = certificate.arguments();
    let arguments = [cert, cert_file, key, key_file, "--hsts", "3600"];
    let relay = RelayProcess::start(&arguments).await;
    let mut stream = certificate.connect(relay.http).await;
    let asked = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(asked).await.unwrap();
    let mut answer = String::new();
    within("the answer ends", stream.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok\n"), "{answer}");
    assert!(answer.contains("\r\nstrict-transport-security: max-age=3600\r\n"), "{answer}");

    let mut plain = TcpStream::connect(relay.http).await.unwrap();
    plain.write_all(asked).await.unwrap();
    let mut answer = String::new();
    within("the relay closes", plain.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    let why = "this port speaks TLS; its address begins with https:// or wss://\n";
    assert!(answer.ends_with(why), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_health_check_takes_the_same_certificate() {
    let certificate = Certificate::new("health");
    let relay = RelayProcess::start(&certificate.arguments()).await;
    let mut command = framescope();
    command.args(["health", "--listen", &relay.http.to_string()]).args(certificate.arguments());
    let finished = run(command).await;
    assert_eq!((finished.code, finished.stderr.as_str()), (Some(0), ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_used_are_one_line_and_exit_code_2() {
    let (one, other) = (Certificate::new("one"), Certificate::new("other"));
    let [_, cert, _, key] = one.arguments();
    let [.., other_key] = other.arguments();
    let [encrypted, old] = ["encrypted", "old"].map(|name| {
        let file = format!("{}-{name}.pem", std::process::id());
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(file).display().to_string()
    });
    let body = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQ==";
    let pem = |kind: &str, head: &str| {
        format!("-----BEGIN {kind}-----\n{head}{body}\n-----END {kind}-----\n")
    };
    fs::write(&encrypted, pem("ENCRYPTED PRIVATE KEY", "")).expect("there is space");
    let head = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n";
    fs::write(&old, pem("RSA PRIVATE KEY", head)).expect("there is space");
    for (arguments, said) in [
        (
            ["--tls-cert", "/nowhere/cert.pem", "--tls-key", key],
            "/nowhere/cert.pem cannot be used for TLS: No such file",
        ),
        (
            ["--tls-cert", cert, "--tls-key", "/nowhere/key.pem"],
            "/nowhere/key.pem cannot be used for TLS: No such file",
        ),
        (["--tls-cert", key, "--tls-key", key], "it has no PEM section of its kind"),
        (["--tls-cert", cert, "--tls-key", cert], "it has no PEM section of its kind"),
        (["--tls-cert", cert, "--tls-key", other_key], "the key is not that of the certificate"),
        (
            ["--tls-cert", cert, "--tls-key", &encrypted],
            "is encrypted, and nobody types its password",
        ),
        (["--tls-cert", cert, "--tls-key", &old], "is encrypted, and nobody types its password"),
    ] {
        let mut command = framescope();
        command.args(["--listen", "127.0.0.1:0", "--tcp-listen", "127.0.0.1:0"]).args(arguments);
        let Finished { code, stderr, .. } = run(command).await;
        assert_eq!(code, Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(said) && stderr.lines().count() == 1, "{arguments:?}: {stderr}");
    }
    let _ = (fs::remove_file(&encrypted), fs::remove_file(&old));
    for arguments in [["--tls-cert", cert], ["--tls-key", key]] {
        let mut command = framescope();
        command.args(arguments);
        let Finished { code, stderr, .. } = run(command).await;
        assert_eq!((code, stderr.lines().count()), (Some(2), 1), "{arguments:?}: {stderr}");
    }
}
