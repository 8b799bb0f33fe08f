//! SIGHUP: another configuration, without a restart. What is wrong with it takes nothing down.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::support::certificate::Certificate;
use crate::support::http::get;
use crate::support::process::{RelayProcess, Running, framescope, run};
use crate::support::target::TestTarget;
use crate::support::test_file::TestFile;
use crate::support::websocket::Client;
use crate::support::{skipped, until, within};

/// The lines of a relay's log, as they come.
pub(super) struct Log(UnboundedReceiver<String>);

impl Log {
    pub(super) fn of(running: &mut Running) -> Self {
        let (sender, lines) = unbounded_channel();
        let stderr = BufReader::new(running.stderr());
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Self(lines)
    }

    /// The next line that has this in it.
    pub(super) async fn find(&mut self, text: &str) -> String {
        within(&format!("the log says: {text}"), async {
            loop {
                let line = self.0.recv().await.expect("the log goes on");
                if line.contains(text) {
                    return line;
                }
            }
        })
        .await
    }
}

/// A relay with this configuration, and its log.
pub(super) async fn start(arguments: &[&str]) -> (RelayProcess, Log) {
    let mut command = framescope();
    command.args(arguments).env("FRAMESCOPE_LOG", "info").stderr(Stdio::piped());
    let mut relay = RelayProcess::start_as(command).await;
    let log = Log::of(&mut relay.running);
    (relay, log)
}

#[tokio::test(flavor = "multi_thread")]
async fn targets_tokens_and_limits_are_those_of_the_file_as_it_is_now() {
    let (one, other) = (TestTarget::listen().await, TestTarget::listen().await);
    let file = TestFile::new("reload.toml", "");
    file.write(&format!("target = 'mine={}'\nmax-sessions = 5\n", one.address()));
    let (relay, mut log) = start(&["--config", file.path()]).await;
    let mut session = Client::open(relay.http, "/bridge/mine").await;
    let mut target = one.accept().await;
    file.write(&format!(
        "target = ['mine={0}', 'new={0}']\nmax-sessions = 2\ntoken = 'a-token-of-the-file'\n",
        other.address()
    ));
    relay.running.signal("HUP");
    log.find("the configuration was read again").await;
    let status = async |path: &str| get(relay.http, path).await.status;
    assert_eq!(status("/bridge/new").await, 401);
    assert_eq!(status("/bridge/new?token=a-token-of-the-file").await, 426);
    let path = "/bridge/mine?token=a-token-of-the-file";
    let _second = Client::open(relay.http, path).await;
    other.accept().await;
    assert_eq!(status(path).await, 503);
    // The session that was open goes on as it began.
    session.send(&b"hello"[..]).await;
    let mut read = [0; 5];
    within("it arrives", target.read_exact(&mut read)).await.unwrap();
    target.write_all(b"world").await.unwrap();
    assert_eq!(&session.receive_bytes().await[..], b"world");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_the_file_is_said_and_the_old_one_stays() {
    let target = TestTarget::listen().await;
    let file = TestFile::new("broken.toml", &format!("target = 'mine={}'\n", target.address()));
    let (relay, mut log) = start(&["--config", file.path()]).await;
    for (text, why) in [
        ("target = 'mine=127.0.0.1:1'\nmax-sesions = 3\n", "there is no option \"max-sesions\""),
        ("target = ", "this is not TOML"),
        ("target = 'mine=localhost:1,tls=on,ca=/nowhere.pem'\n", "/nowhere.pem cannot be used"),
        ("token-file = '/nowhere'\n", "/nowhere cannot be used as a file of tokens"),
        ("tls-cert = '/nowhere'\ntls-key = '/nowhere'\n", "/nowhere cannot be used for TLS"),
        ("target = ['a=h:1', 'a=h:2']\n", "two targets are called"),
    ] {
        file.write(text);
        relay.running.signal("HUP");
        let said = log.find("the old one stays").await;
        assert!(said.contains(why) && said.contains("ERROR"), "{text}: {said}");
        assert_eq!(get(relay.http, "/bridge/mine").await.status, 426, "{text}");
    }
    let mut command = framescope();
    command.args(["check", "--config", file.path()]);
    assert_eq!(run(command).await.code, Some(2));
    file.write("max-sessions = 3\n");
    relay.running.signal("HUP");
    log.find("the configuration was read again").await;
    assert_eq!(get(relay.http, "/bridge/mine").await.status, 404);
    let mut command = framescope();
    command.args(["check", "--config", file.path()]);
    let checked = run(command).await;
    assert_eq!(
        (checked.code, checked.stdout.as_str()),
        (Some(0), "this configuration can be used\n")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_option_that_takes_a_restart_is_named() {
    let file = TestFile::new("fixed.toml", "header = '<i'\n");
    let (relay, mut log) = start(&["--config", file.path()]).await;
    file.write("header = '!I'\nmax-message = 7\n");
    relay.running.signal("HUP");
    for option in ["header", "max-message"] {
        log.find(&format!("the option {option} has changed, which takes a restart")).await;
    }
    let info = get(relay.http, "/relay.json").await.body;
    assert!(info.contains("\"header\":\"<i\""), "{info}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_was_renewed_is_shown() {
    let [old, new] = ["old", "renewed"].map(Certificate::new);
    let (relay, mut log) = start(&old.arguments()).await;
    let _stays = old.connect(relay.http).await;
    std::fs::copy(&new.cert, &old.cert).unwrap();
    // In between, the key is not that of the certificate.
    relay.running.signal("HUP");
    log.find("the key is not that of the certificate").await;
    std::fs::copy(&new.key, &old.key).unwrap();
    relay.running.signal("HUP");
    log.find("the configuration was read again").await;
    let _connected = new.connect(relay.http).await;
}

/// A file of tokens that is a pipe, and a certificate that has no end, hold nothing up.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_read_to_its_end_is_refused_and_signals_are_obeyed() {
    let tokens = TestFile::new("pipe-tokens", "a-token-of-the-file\n");
    let text = format!("token-file = '{}'\n", tokens.path());
    let file = TestFile::new("pipe.toml", &text);
    let (mut relay, mut log) = start(&["--config", file.path()]).await;
    let pipe = |path: &str| {
        std::fs::remove_file(path).unwrap();
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    };
    pipe(tokens.path());
    relay.running.signal("HUP");
    assert!(log.find("the old one stays").await.contains("it is no regular file"));
    file.write("tls-cert = '/dev/zero'\ntls-key = '/dev/zero'\n");
    relay.running.signal("HUP");
    assert!(log.find("the old one stays").await.contains("/dev/zero cannot be used for TLS"));
    pipe(file.path());
    relay.running.signal("HUP");
    assert!(log.find("the old one stays").await.contains("it is no regular file"));
    assert_eq!(get(relay.http, "/metrics?token=a-token-of-the-file").await.status, 200);
    relay.running.signal("TERM");
    assert_eq!(relay.running.exit_code().await, Some(0));
}

/// A file that is half written has the look of one that asks for nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_reload_does_not_take_tls_and_tokens_away() {
    let target = TestTarget::listen().await;
    let file = TestFile::new("protected.toml", "");
    let certificate = Certificate::new("protected");
    let [_, cert, _, key] = certificate.arguments();
    let tls = format!("tls-cert = '{cert}'\ntls-key = '{key}'\n");
    let own = format!("target = 'mine={},token=a-token-of-mine'\n", target.address());
    let open = format!("target = 'mine={}'\n", target.address());
    let token = "token = 'a-token-of-all'\n";
    for (before, after, lost) in [
        (tls.as_str(), "", "it does not ask for TLS any more"),
        (token, "", "it does not ask for the token any more"),
        (&own, &open, "it does not ask for the token of the target \"mine\" any more"),
    ] {
        file.write(before);
        let (relay, mut log) = start(&["--config", file.path()]).await;
        file.write(after);
        relay.running.signal("HUP");
        let said = log.find("the old one stays").await;
        assert!(said.contains(lost), "{said}");
        // What protects may change.
        file.write(&before.replace("a-token-of-", "another-token-of-"));
        relay.running.signal("HUP");
        log.find("the configuration was read again").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_with_a_broken_certificate_is_refused() {
    let certificate = Certificate::new("chain");
    let (relay, mut log) = start(&certificate.arguments()).await;
    let good = std::fs::read_to_string(&certificate.cert).unwrap();
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    std::fs::write(&certificate.cert, good + broken).unwrap();
    relay.running.signal("HUP");
    assert!(log.find("the old one stays").await.contains("its certificate 2 cannot be read"));
    let _connected = certificate.connect(relay.http).await;
}

/// Sessions that are open count, whatever a reload has done to their target meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn the_sessions_of_a_target_count_across_reloads() {
    let target = TestTarget::listen().await;
    let open = format!("target = 'mine={}'\n", target.address());
    let bounded = format!("target = 'mine={},max-sessions=2'\n", target.address());
    let file = TestFile::new("counted.toml", &open);
    let (relay, mut log) = start(&["--config", file.path()]).await;
    let _first = Client::open(relay.http, "/bridge/mine").await;
    let _second = Client::open(relay.http, "/bridge/mine").await;
    for (text, status) in [(&bounded, 503), (&String::new(), 404), (&bounded, 503), (&open, 426)] {
        file.write(text);
        relay.running.signal("HUP");
        log.find("the configuration was read again").await;
        assert_eq!(get(relay.http, "/bridge/mine").await.status, status, "{text}");
    }
}

/// Whoever closes the window of a terminal wants no relay to be left behind.
#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_is_closed_ends_the_relay_and_a_signal_alone_does_not() {
    let script = "import os, pty, signal, sys, time\n\
        child, terminal = pty.fork()\n\
        if child == 0:\n    os.execv(sys.argv[1], sys.argv[1:])\n\
        said = b''\n\
        while b'stop with' not in said:\n    said += os.read(terminal, 4096)\n\
        os.kill(child, signal.SIGHUP)\n\
        while b'read again' not in said:\n    said += os.read(terminal, 4096)\n\
        print(os.waitpid(child, os.WNOHANG)[0], flush=True)\n\
        os.close(terminal)\n\
        print(os.waitpid(child, 0)[1], flush=True)\n";
    let mut python = Command::new("python3");
    python.args(["-c", script, env!("CARGO_BIN_EXE_framescope")]);
    python.args(["--listen", "127.0.0.1:0", "--tcp-listen", "off"]);
    python.env("FRAMESCOPE_LOG", "info").stderr(Stdio::null());
    if Command::new("python3").arg("--version").stdout(Stdio::null()).status().is_err() {
        return skipped("there is no python3 here");
    }
    let (said, code) = Running::start(python).rest().await;
    assert_eq!((said.as_str(), code), ("0\n0\n", Some(0)));
}

/// A load balancer finds out before clients do.
#[tokio::test(flavor = "multi_thread")]
async fn before_a_stop_the_relay_says_that_it_is_not_ready_and_serves() {
    let (mut relay, mut log) = start(&["--stop-delay", "3600"]).await;
    assert_eq!(get(relay.http, "/readyz").await.status, 200);
    relay.running.signal("TERM");
    log.find("stopping").await;
    until("it is not ready", || async { get(relay.http, "/readyz").await.status == 503 }).await;
    assert_eq!(get(relay.http, "/healthz").await.status, 200);
    let mut session = Client::open(relay.http, "/bridge/demo").await;
    relay.running.signal("TERM");
    let (_, code, _) = session.receive_to_close().await;
    assert_eq!(code, 1001);
    assert_eq!(relay.running.exit_code().await, Some(0));
}
