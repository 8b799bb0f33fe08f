//! `--tls-client-ca`: who comes with TLS has a certificate, and the log says whose.

use std::fs;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::{ClientConfig, HandshakeKind};

use super::reload::{Log, start};
use crate::support::authority::{Authority, ClientCertificate};
use crate::support::certificate::{Certificate, connect_as};
use crate::support::http::upgrade_request;
use crate::support::process::{Finished, RelayProcess, framescope, run};
use crate::support::test_file::TestFile;
use crate::support::{skipped, until, within};

/// A year in which the tests have been forgotten.
const LATE: i32 = 3000;

async fn connect(clients: &Arc<ClientConfig>, relay: SocketAddr) -> TlsStream<TcpStream> {
    connect_as(clients, relay).await.expect("the relay takes the certificate")
}

/// Sends a request, reads the head of the answer, and returns the status.
async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), request: &str) -> String {
    stream.write_all(request.as_bytes()).await.expect("it is taken");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(within("an answer", stream.read_u8()).await.expect("the head goes on"));
    }
    String::from_utf8_lossy(&head[9..12]).into_owned()
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

/// A relay that takes clients of this authority, and its log of objects.
async fn serving(certificate: &Certificate, authority: &Authority) -> (RelayProcess, Log) {
    let options = ["--tls-client-ca", authority.file(), "--log-format", "json"];
    start(&[&certificate.arguments()[..], &options].concat()).await
}

/// The next line of the log that has this in it.
async fn find(log: &mut Log, text: &str) -> Value {
    serde_json::from_str(&log.find(text).await).expect("a line is JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_says_whose_sessions_and_refusals_they_are() {
    let (certificate, authority) = (Certificate::new("mutual"), Authority::new("mutual"));
    let alice = authority.sign("alice\n", LATE);
    let (relay, mut log) = serving(&certificate, &authority).await;
    let clients = alice.clients(&certificate);
    // The first request of a connection has a shorter way than the others.
    for asks_first in [false, true] {
        let mut stream = connect(&clients, relay.http).await;
        if asks_first {
            assert_eq!(ask(&mut stream, &get("/healthz")).await, "200");
            assert_eq!(within("ok", stream.read_exact(&mut [0; 3])).await.unwrap(), 3);
        }
        let session = upgrade_request(relay.http, "/bridge/demo", &[]);
        assert_eq!(ask(&mut stream, &session).await, "101");
        drop(stream);
        for line in ["session opened", "session ended"] {
            let said = find(&mut log, line).await;
            assert_eq!(said["span"]["client_certificate"], "alice\\n", "{said}");
        }
    }
    for request in [get("/bridge/nobody"), upgrade_request(relay.http, "/bridge/nobody", &[])] {
        assert_eq!(ask(&mut connect(&clients, relay.http).await, &request).await, "404");
        let said = find(&mut log, "request refused").await;
        assert_eq!(said["fields"]["client_certificate"], "alice\\n", "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_tls_that_is_resumed_has_its_certificate() {
    let (certificate, authority) = (Certificate::new("resumed"), Authority::new("resumed"));
    let alice = authority.sign("alice", LATE);
    let (relay, mut log) = serving(&certificate, &authority).await;
    let clients = alice.clients(&certificate);
    for kind in [HandshakeKind::Full, HandshakeKind::Resumed] {
        let mut stream = connect(&clients, relay.http).await;
        assert_eq!(stream.get_ref().1.handshake_kind(), Some(kind));
        assert_eq!(ask(&mut stream, &get("/bridge/nobody")).await, "404");
        let said = find(&mut log, "request refused").await;
        assert_eq!(said["fields"]["client_certificate"], "alice", "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_without_a_good_certificate_is_refused_and_the_log_and_the_metrics_say_so() {
    let certificate = Certificate::new("refused");
    let [authority, other] = ["refused", "other-ca"].map(Authority::new);
    let (relay, mut log) = serving(&certificate, &authority).await;
    let nobody = ClientConfig::builder().with_root_certificates(certificate.roots());
    let nobody = Arc::new(nobody.with_no_client_auth());
    let of_other = other.sign("alice", LATE).clients(&certificate);
    let expired = authority.sign("alice", 2020).clients(&certificate);
    for (clients, alert, said) in [
        (nobody, "CertificateRequired", "the client has sent no certificate"),
        (of_other, "UnknownCA", "no CA of --tls-client-ca has signed the client's certificate"),
        (
            expired,
            "CertificateExpired",
            "the client's certificate is not accepted: certificate expired",
        ),
    ] {
        // With TLS 1.3 a client sends its request before it knows what becomes of its certificate.
        let refused = async {
            let mut stream = connect_as(&clients, relay.http).await?;
            stream.write_all(get("/healthz").as_bytes()).await?;
            stream.read_u8().await
        };
        let error = within("the relay answers", refused).await.expect_err("it is refused");
        assert!(error.to_string().contains(alert), "{alert}: {error}");
        let line = find(&mut log, "TLS handshake refused").await;
        assert_eq!(
            (&line["level"], &line["fields"]["peer"]),
            (&"WARN".into(), &"127.0.0.1".into())
        );
        let message = line["fields"]["message"].as_str().expect("it is a text");
        assert!(message.starts_with(&format!("TLS handshake refused: {said}")), "{message}");
    }
    let scan = TcpStream::connect(relay.http).await.expect("it listens");
    drop(scan);
    let alice = authority.sign("alice", LATE).clients(&certificate);
    for (reason, count) in [("no_client_certificate", 1), ("client_certificate", 2), ("other", 1)] {
        let counted =
            format!("framescope_tls_handshakes_failed_total{{reason=\"{reason}\"}} {count}\n");
        until(&format!("it is counted: {counted}"), async || {
            let mut stream = connect(&alice, relay.http).await;
            let asked = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            stream.write_all(asked.as_bytes()).await.expect("it is taken");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.expect("it is answered");
            answer.contains(&counted)
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_cas_that_cannot_be_used_is_said_at_the_start_and_by_a_check() {
    let certificate = Certificate::new("no-ca");
    let [_, cert, _, key] = certificate.arguments();
    let no_certificate = TestFile::new(
        "no-certificate.pem",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    );
    let tls = ["--tls-cert", cert, "--tls-key", key, "--tls-client-ca"];
    for (arguments, said) in [
        (
            [&tls[..], &["/nowhere/ca.pem"]].concat(),
            "/nowhere/ca.pem cannot be used as a CA of clients: No such file",
        ),
        ([&tls[..], &[key]].concat(), "it has no PEM section of its kind"),
        (
            [&tls[..], &[no_certificate.path()]].concat(),
            "cannot be used as a CA of clients: invalid peer certificate",
        ),
        (vec!["--tls-client-ca", cert], "--tls-cert"),
    ] {
        for subcommand in [None, Some("check")] {
            let mut command = framescope();
            command.args(subcommand).args(["--listen", "127.0.0.1:0", "--tcp-listen", "off"]);
            command.args(&arguments);
            let Finished { code, stderr, .. } = run(command).await;
            assert_eq!((code, stderr.lines().count()), (Some(2), 1), "{arguments:?}: {stderr}");
            assert!(stderr.contains(said), "{arguments:?}: {stderr}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_takes_other_cas_and_a_wrong_file_leaves_the_old_ones() {
    let certificate = Certificate::new("reloaded");
    let [old, new] = ["old-ca", "new-ca"].map(Authority::new);
    let file = TestFile::new("cas.pem", &fs::read_to_string(old.file()).unwrap());
    let options = ["--tls-client-ca", file.path()];
    let (relay, mut log) = start(&[&certificate.arguments()[..], &options].concat()).await;
    let [of_old, of_new] = [&old, &new].map(|authority| authority.sign("alice", LATE));
    // Each is a client that resumes no session.
    let is_served = async |client: &ClientCertificate| {
        let mut stream = connect_as(&client.clients(&certificate), relay.http).await.ok()?;
        stream.write_all(get("/healthz").as_bytes()).await.ok()?;
        within("the relay answers", stream.read_u8()).await.ok()
    };
    file.write("no certificate");
    relay.running.signal("HUP");
    log.find("the old one stays").await;
    assert!(is_served(&of_old).await.is_some() && is_served(&of_new).await.is_none());
    // Both, for the time of a change.
    let both = [&old, &new].map(|authority| fs::read_to_string(authority.file()).unwrap());
    file.write(&both.concat());
    relay.running.signal("HUP");
    log.find("the configuration was read again").await;
    assert!(is_served(&of_old).await.is_some() && is_served(&of_new).await.is_some());
    // A session of TLS that began before does not go on with a CA that is gone.
    let clients = of_old.clients(&certificate);
    assert_eq!(ask(&mut connect(&clients, relay.http).await, &get("/healthz")).await, "200");
    file.write(&both[1]);
    relay.running.signal("HUP");
    log.find("the configuration was read again").await;
    assert!(is_served(&of_old).await.is_none() && is_served(&of_new).await.is_some());
    let resuming = async {
        let mut stream = connect_as(&clients, relay.http).await?;
        stream.write_all(get("/healthz").as_bytes()).await?;
        stream.read_u8().await
    };
    assert!(within("the relay answers", resuming).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn openssl_is_served_with_a_certificate_and_refused_without() {
    if Command::new("openssl").arg("version").stdout(Stdio::null()).status().is_err() {
        return skipped("there is no openssl here");
    }
    let (certificate, authority) = (Certificate::new("openssl"), Authority::new("openssl"));
    let alice = authority.sign("alice", LATE);
    let (relay, mut log) = serving(&certificate, &authority).await;
    let request = TestFile::new(
        "request",
        &get("/bridge/nobody").replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"),
    );
    let asked = async |with: &[&str]| {
        let mut command = Command::new("sh");
        command.args([
            "-c",
            "request=$1; shift; exec openssl s_client -quiet \"$@\" <\"$request\"",
            "sh",
            request.path(),
        ]);
        command.args(["-connect", &relay.http.to_string()]).args(with);
        run(command).await
    };
    let [cert, key] = [&alice.cert, &alice.key].map(|path| path.to_str().expect("it is sound"));
    let served = asked(&["-cert", cert, "-key", key]).await;
    assert!(served.stdout.starts_with("HTTP/1.1 404"), "{served:?}");
    let said = find(&mut log, "request refused").await;
    assert_eq!(said["fields"]["client_certificate"], "alice", "{said}");
    let refused = asked(&[]).await;
    assert!(
        refused.stdout.is_empty() && refused.stderr.contains("certificate required"),
        "{refused:?}"
    );
}
