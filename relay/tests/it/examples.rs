//! The programs in `examples/python`, against the relay and against each other.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use framescope_framing::{DecodeError, HeaderFormat, encode};

use crate::support::TestRelay;
use crate::support::framed_client::FramedClient;
use crate::support::pattern::{Pattern, expect_bytes};
use crate::support::process::{Finished, Running, run};
use crate::support::target::{self, TestTarget};
use crate::support::websocket::Client;

const FORMAT: HeaderFormat = HeaderFormat::LITTLE_SIGNED;

/// One of the examples, ready to be given arguments.
fn example(name: &str) -> Command {
    let python = Command::new("python3")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    assert!(python, "python3 is needed to test the examples; install it");
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples/python");
    let mut command = Command::new("python3");
    // `-B` writes no `.pyc` files. `PYTHONUTF8` makes the output independent of the locale.
    command.arg("-B").env("PYTHONUTF8", "1").arg(folder.join(name));
    command
}

/// Runs the client to its end.
async fn client(server: SocketAddr, arguments: &[&str]) -> Finished {
    let mut command = example("framed_client.py");
    command.args(["--port", &server.port().to_string()]).args(arguments);
    run(command).await
}

/// A client that succeeded and printed this on stdout.
fn printed(lines: &str) -> Finished {
    Finished { code: Some(0), stdout: lines.to_owned(), stderr: String::new() }
}

/// A client that failed after it had printed this on stdout.
fn failed(stdout: &str, sentence: &str) -> Finished {
    Finished {
        code: Some(1),
        stdout: stdout.to_owned(),
        stderr: format!("framed_client: {sentence}\n"),
    }
}

/// Starts the server. Returns its address too.
async fn server(arguments: &[&str]) -> (Running, SocketAddr) {
    let mut command = example("framed_server.py");
    command.stderr(Stdio::null());
    command.args(["--port", "0"]).args(arguments);
    let mut running = Running::start(command);
    let line = running.line().await;
    let address = line.strip_prefix("listening on ").and_then(|address| address.parse().ok());
    (running, address.expect("the first line is the address"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_prints_each_reply_of_the_built_in_server() {
    let relay = TestRelay::start().await;
    let finished = client(relay.tcp, &["hello", "", "粘包", "/burst 3 hi", "/split two\npieces"]);
    let lines = "'hello'\n''\n'粘包'\n'hi'\n'hi'\n'hi'\n'two\\npieces'\n";
    assert_eq!(finished.await, printed(lines));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_speaks_every_header_format() {
    for format in HeaderFormat::ALL {
        let relay = TestRelay::start_with(|config| config.header = format).await;
        let finished = client(relay.tcp, &["--header", format.notation(), "hello"]).await;
        assert_eq!(finished, printed("'hello'\n"), "{format}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_says_in_one_line_what_was_wrong() {
    let relay = TestRelay::start().await;
    for (command, sentence) in [
        ("/negative", "the header says -1, and no payload is shorter than 0 bytes"),
        ("/huge", "the header says 2147483647 bytes, over the limit of 1048576"),
        ("/die", "the connection closed inside a message: 14 of 33 bytes arrived"),
    ] {
        let finished = client(relay.tcp, &["hello", command]).await;
        assert_eq!(finished, failed("'hello'\n", sentence));
    }
    let (_silent, address) = target::taken_but_silent();
    let finished = client(address, &["hello"]).await;
    assert_eq!((finished.code, &*finished.stdout), (Some(1), ""));
    assert!(finished.stderr.starts_with("framed_client: "), "{}", finished.stderr);
    assert!(finished.stderr.trim_end().ends_with("Connection refused"), "{}", finished.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_tells_an_end_inside_a_header_from_an_end_before_it() {
    for (reply, sentence) in [
        (&b"\x05\0"[..], "the connection closed inside a header: 2 of 4 bytes arrived"),
        (b"", "the server closed instead of replying"),
    ] {
        let listener = TestTarget::listen().await;
        let answering = async {
            let mut stream = listener.accept().await;
            expect_bytes(&mut stream, b"\x05\0\0\0hello").await;
            tokio::io::AsyncWriteExt::write_all(&mut stream, reply).await.unwrap();
        };
        let (finished, ()) = tokio::join!(client(listener.address(), &["hello"]), answering);
        assert_eq!(finished, failed("", sentence));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_and_the_server_talk_to_each_other() {
    for format in ["<i", "!I", "I"] {
        let (_server, address) = server(&["--header", format]).await;
        let finished = client(address, &["--header", format, "hello", "", "粘包"]).await;
        assert_eq!(finished, printed("'hello'\n''\n'粘包'\n"), "{format}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_is_a_target_of_the_bridge() {
    let (_server, address) = server(&[]).await;
    let relay =
        TestRelay::start_with(|config| config.targets.push(target::named("mine", address))).await;
    let mut client = Client::open(relay.http, "/bridge/mine").await;
    let payload = Pattern::new(1).take(1024 * 1024);
    let mut wire = Vec::new();
    for payload in [b"hello", &b""[..], &payload] {
        encode(FORMAT, payload, &mut wire).unwrap();
    }
    // The cuts are arbitrary: the server's messages need not match WebSocket messages or reads.
    for part in wire.chunks(100_003) {
        client.send(part.to_vec()).await;
    }
    let mut echoed = Vec::new();
    while echoed.len() < wire.len() {
        echoed.extend_from_slice(&client.receive_bytes().await);
    }
    assert!(echoed == wire, "other bytes came back");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_refuses_a_bad_header_and_goes_on_serving_others() {
    let (_server, address) = server(&[]).await;
    let mut other = FramedClient::connect(address, FORMAT).await;
    for (number, sentence) in [
        (-1, "error: the header says -1, and no payload is shorter than 0 bytes"),
        (i32::MAX, "error: the header says 2147483647 bytes, over the limit of 1048576"),
        (1_048_577, "error: the header says 1048577 bytes, over the limit of 1048576"),
    ] {
        let mut client = FramedClient::connect(address, FORMAT).await;
        client.send("fine").await;
        client.send_raw(&number.to_le_bytes()).await;
        client.send_raw(&vec![b'x'; 4 * 1024 * 1024]).await;
        assert_eq!(client.receive().await, b"fine");
        assert_eq!(String::from_utf8_lossy(&client.receive().await), sentence);
        assert_eq!(client.expect_eof().await, Ok(()));

        other.send("undisturbed").await;
        assert_eq!(other.receive().await, b"undisturbed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_survives_clients_that_end_inside_a_message() {
    let (_server, address) = server(&[]).await;
    for cut in [2, 4, 7] {
        let mut client = FramedClient::connect(address, FORMAT).await;
        client.send_raw(&b"\x05\0\0\0hello"[..cut]).await;
        client.stream.set_zero_linger().unwrap();
    }
    let mut client = FramedClient::connect(address, FORMAT).await;
    client.send("still there?").await;
    assert_eq!(client.receive().await, b"still there?");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_reads_its_header_as_it_was_told() {
    let (_server, address) = server(&["--header", "!i"]).await;
    let mut client = FramedClient::connect(address, "!i".parse().unwrap()).await;
    client.send_raw(&5_i32.to_le_bytes()).await;
    let reply = client.receive().await;
    assert_eq!(
        String::from_utf8_lossy(&reply),
        "error: the header says 83886080 bytes, over the limit of 1048576"
    );
    // A client with the wrong format does not get a message either.
    let mut client = FramedClient::connect(address, FORMAT).await;
    client.send_raw(b"\0\0\0\x05hello").await;
    let declared = 5 << 24;
    let error = DecodeError::TooLong { declared, limit: 1024 * 1024, offset: 0 };
    assert_eq!(client.next().await, Err(error));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_the_server_with_exit_code_0_even_while_clients_are_connected() {
    for signal in ["TERM", "INT"] {
        let (mut server, address) = server(&[]).await;
        let mut client = FramedClient::connect(address, FORMAT).await;
        client.send("hello").await;
        assert_eq!(client.receive().await, b"hello");
        server.signal(signal);
        assert_eq!(server.exit_code().await, Some(0), "SIG{signal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_is_one_line_of_the_server() {
    let taken = TestTarget::listen().await;
    let mut command = example("framed_server.py");
    command.args(["--port", &taken.address().port().to_string()]);
    let Finished { code, stdout, stderr } = run(command).await;
    assert_eq!((code, &*stdout), (Some(1), ""));
    assert!(stderr.starts_with("framed_server: ") && stderr.lines().count() == 1, "{stderr}");
}
