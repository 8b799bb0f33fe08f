//! The real binary: its options, what it prints, how it ends.
#![cfg(unix)]

mod support;

use framescope_framing::HeaderFormat;
use serde_json::{Value, json};

use support::framed_client::FramedClient;
use support::http::{get, upgrade};
use support::pattern::expect_bytes;
use support::process::{Finished, RelayProcess, Running, framescope, run};
use support::target::TestTarget;
use support::websocket::Client;

/// Runs the binary with arguments that it cannot follow.
async fn refused(arguments: &[&str]) -> String {
    let mut command = framescope();
    command.args(["--listen", "127.0.0.1:0", "--tcp-listen", "127.0.0.1:0"]);
    command.args(arguments).env("RUST_BACKTRACE", "1");
    sentence(arguments, run(command).await)
}

/// The one line on stderr, less the program's name.
fn sentence(arguments: &[&str], finished: Finished) -> String {
    let Finished { code, stdout, stderr } = finished;
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "{arguments:?} printed {stderr:?}");
    let line = stderr.strip_suffix('\n').unwrap_or_default();
    assert!(!line.contains('\n'), "{arguments:?} printed more than a line: {stderr}");
    let sentence = line.strip_prefix("framescope: ");
    sentence.unwrap_or_else(|| panic!("{arguments:?} printed {stderr:?}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_started_relay_prints_its_two_addresses_and_serves_there() {
    let mut relay = RelayProcess::start(&[]).await;
    assert_eq!(relay.running.line().await, "stop with   Ctrl-C");
    assert_eq!(get(relay.http, "/healthz").await.body, "ok\n");
    let mut client = FramedClient::connect(relay.tcp, HeaderFormat::LITTLE_SIGNED).await;
    client.send("hello").await;
    assert_eq!(client.receive().await, b"hello");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_is_one_line_and_exit_code_2() {
    let taken = TestTarget::listen().await;
    let address = taken.address().to_string();
    for (own, other) in [("--listen", "--tcp-listen"), ("--tcp-listen", "--listen")] {
        let arguments = [own, &address, other, "127.0.0.1:0"];
        let mut command = framescope();
        command.args(arguments);
        assert_eq!(
            sentence(&arguments, run(command).await),
            format!("cannot listen on {address}: another program listens there already")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_no_interface_is_one_line_and_exit_code_2() {
    let mut command = framescope();
    // TEST-NET-1 (RFC 5737) is nobody's address.
    command.args(["--listen", "192.0.2.1:9528"]);
    assert_eq!(
        sentence(&[], run(command).await),
        "cannot listen on 192.0.2.1:9528: this machine has no such address"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_argument_that_cannot_be_followed_is_one_line_and_exit_code_2() {
    for (arguments, said) in [
        (&["--target", "127.0.0.1:7000"][..], "a target is written NAME=HOST:PORT"),
        (&["--target", "a/b=127.0.0.1:7000"], "a target's name has letters, digits"),
        (&["--target", "demo=127.0.0.1:7000"], "the name \"demo\" stands for the built-in"),
        (&["--target", "echo=127.0.0.1"], "a target ends in a port from 1 to 65535"),
        (
            &["--target", "a=127.0.0.1:1", "--target", "a=127.0.0.1:2"],
            "two targets are called \"a\"",
        ),
        (&["--target", "x=[zz:1]:80"], "a target's host is a name"),
        (&["--target", "..=a:80"], "a target's name has letters"),
        (&["--header", "<q"], "known are i <i >i !i I <I >I !I"),
        (&["--header", ""], "--header"),
        (&["--allow-origin", "course.example"], "an origin is written SCHEME://HOST"),
        (&["--allow-origin", "*"], "an origin is written SCHEME://HOST"),
        (&["--max-message", "0"], "a number of bytes from 1 to 67108864"),
        (&["--max-message", "67108865"], "a number of bytes from 1 to 67108864"),
        (&["--max-message", "1k"], "a number of bytes from 1 to 67108864"),
        (&["--max-message"], "--max-message"),
        (&["--max-sessions", "0"], "a number of sessions from 1 to 1000000"),
        (&["--max-sessions-per-address", "many"], "a number of sessions from 1 to 1000000"),
        (&["--idle-timeout", "soon"], "a number of seconds from 1 to 31536000, or 0"),
        (&["--lissten", "127.0.0.1:0"], "--lissten"),
        (&["serve"], "serve"),
    ] {
        let line = refused(arguments).await;
        assert!(line.contains(said), "{arguments:?}: {line}");
    }
    let mut command = framescope();
    command.args(["--listen", "localhost"]);
    let line = sentence(&["--listen"], run(command).await);
    assert!(line.contains("an IP address and a port, such as 127.0.0.1:9528"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn help_and_version_are_no_errors() {
    for argument in ["--help", "-h", "--version", "-V"] {
        let mut command = framescope();
        command.arg(argument);
        let finished = run(command).await;
        assert_eq!((finished.code, finished.stderr.as_str()), (Some(0), ""), "{argument}");
        assert!(finished.stdout.to_lowercase().contains("framescope"), "{}", finished.stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_it_with_exit_code_0_and_its_sessions_with_1001() {
    for signal in ["TERM", "INT"] {
        let mut relay = RelayProcess::start(&[]).await;
        let mut client = Client::open(relay.http, "/bridge/demo").await;
        client.send(&b"\x05\0\0\0hello"[..]).await;
        assert_eq!(client.receive_bytes().await, &b"\x05\0\0\0hello"[..]);
        relay.running.signal(signal);
        let (_, code, reason) = client.receive_to_close().await;
        assert_eq!((code, &*reason), (1001, "the relay is shutting down"), "SIG{signal}");
        drop(client);
        assert_eq!(relay.running.exit_code().await, Some(0), "SIG{signal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_sent_as_soon_as_the_address_is_known_ends_it_with_exit_code_0() {
    for _ in 0..5 {
        let mut command = framescope();
        command.args(["--listen", "127.0.0.1:0", "--tcp-listen", "127.0.0.1:0"]);
        let mut running = Running::start(command);
        running.line().await;
        running.signal("TERM");
        assert_eq!(running.exit_code().await, Some(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn target_names_what_the_bridge_connects_to() {
    let listener = TestTarget::listen().await;
    let target = format!("mine={}", listener.address());
    let relay = RelayProcess::start(&["--target", &target]).await;
    let mut client = Client::open(relay.http, "/bridge/mine").await;
    let mut stream = listener.accept().await;
    client.send("hello").await;
    expect_bytes(&mut stream, b"hello").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn header_and_max_message_rule_the_built_in_server() {
    let relay = RelayProcess::start(&["--header", "!I", "--max-message", "10"]).await;
    let facts: Value = serde_json::from_str(&get(relay.http, "/relay.json").await.body).unwrap();
    assert_eq!((&facts["header"], &facts["max_message"]), (&json!("!I"), &json!(10)));
    let mut client = FramedClient::connect(relay.tcp, HeaderFormat::NETWORK_UNSIGNED).await;
    client.send("ten bytes!").await;
    assert_eq!(client.receive().await, b"ten bytes!");
    client.send("eleven bytes").await;
    assert_eq!(
        String::from_utf8_lossy(&client.receive().await),
        "error: the header at byte 14 says 12 bytes, over the limit of 10"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn allow_origin_lets_that_origin_in_and_no_other() {
    let relay = RelayProcess::start(&["--allow-origin", "https://course.example"]).await;
    for (origin, status) in [("https://course.example", 101), ("https://evil.example", 403)] {
        let header = format!("Origin: {origin}");
        let response = upgrade(relay.http, "/bridge/demo", &[&header]).await.0;
        assert_eq!(response.status, status, "{origin}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn max_sessions_and_max_sessions_per_address_are_503_when_they_are_reached() {
    for (arguments, said) in [
        (["--max-sessions", "1"], "the relay has as many sessions as it may have"),
        (["--max-sessions-per-address", "1"], "your address has as many sessions as it may have"),
    ] {
        let relay = RelayProcess::start(&arguments).await;
        let _only = Client::open(relay.http, "/bridge/demo").await;
        let response = upgrade(relay.http, "/bridge/demo", &[]).await.0;
        assert_eq!(response.status, 503, "{arguments:?}");
        assert!(response.body.starts_with(said), "{arguments:?}: {}", response.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_timeout_closes_a_quiet_session_with_1001() {
    let relay = RelayProcess::start(&["--idle-timeout", "1"]).await;
    let mut client = Client::open(relay.http, "/bridge/demo").await;
    let (_, code, reason) = client.receive_to_close().await;
    assert_eq!((code, &*reason), (1001, "no byte went either way for 1s"));
}
