//! The real binary: its options, what it prints, how it ends.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::Shutdown;
use std::process::Stdio;

use framescope_framing::HeaderFormat;
use serde_json::{Value, json};
use socket2::SockRef;
use tokio::net::{TcpListener, UnixListener};

use crate::support::framed_client::FramedClient;
use crate::support::http::{get, upgrade};
use crate::support::pattern::{Pattern, expect_bytes};
use crate::support::process::{Finished, RelayProcess, Running, framescope, run};
use crate::support::target::TestTarget;
use crate::support::test_file::TestFile;
use crate::support::websocket::Client;
use crate::support::{until, within};

/// Runs the binary with arguments that it refuses. Returns the error.
async fn refused(arguments: &[&str]) -> String {
    let mut command = framescope();
    command.args(["--listen", "127.0.0.1:0", "--tcp-listen", "127.0.0.1:0"]);
    command.args(arguments).env("RUST_BACKTRACE", "1");
    sentence(arguments, run(command).await)
}

/// The one line on stderr, without the program's name.
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
async fn shells_and_man_are_told_of_every_option() {
    for (arguments, expected) in [
        (&["completions", "bash"][..], "--max-sessions-per-address"),
        (&["completions", "zsh"], "--max-sessions-per-address"),
        (&["completions", "fish"], "max-sessions-per-address"),
        (&["man"], "max\\-sessions\\-per\\-address"),
        (&["man", "run"], "framescope\\-run"),
    ] {
        let mut command = framescope();
        // The manual page is the same whatever this machine's settings are.
        command.args(arguments).env("FRAMESCOPE_TOKEN", "a-secret-of-this-machine");
        let Finished { code, stdout, stderr } = run(command).await;
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(stdout.contains(expected), "{arguments:?} printed {stdout}");
        assert!(!stdout.contains("a-secret"), "{arguments:?}");
    }
}

/// The program that is started twice on a laptop.
#[tokio::test(flavor = "multi_thread")]
async fn if_a_default_port_is_taken_the_relay_serves_above_it_and_says_so() {
    // Another program of this machine may have it.
    let _taken = std::net::TcpListener::bind("127.0.0.1:9528");
    let mut command = framescope();
    // It opens no browser there.
    command.args(["--tcp-listen", "127.0.0.1:0"]).env("CI", "1");
    let relay = RelayProcess::of(command).await;
    assert!([9538, 9548].contains(&relay.http.port()), "{}", relay.http);
    let mut running = relay.running;
    let note = format!("note        port 9528 is taken, so it is {}", relay.http.port());
    assert_eq!(running.line().await, note);
    assert_eq!(running.line().await, "stop with   Ctrl-C");
    assert_eq!(get(relay.http, "/healthz").await.body, "ok\n");
    let chosen = ["--listen", "127.0.0.1:9528", "--tcp-listen", "127.0.0.1:0"];
    let mut command = framescope();
    command.args(chosen);
    let error = sentence(&chosen, run(command).await);
    let why = "another program listens there already; --listen chooses another";
    assert_eq!(error, format!("cannot listen on 127.0.0.1:9528: {why}"));

    // `health` finds the relay where it is, and `doctor` says where the next one will be.
    let mut command = framescope();
    command.arg("health");
    let Finished { code, stderr, .. } = run(command).await;
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let mut command = framescope();
    command.args(["doctor", "--tcp-listen", "127.0.0.1:0"]);
    let Finished { stdout, .. } = run(command).await;
    let page = stdout.lines().next().unwrap_or_default();
    let other = if relay.http.port() == 9538 { 9548 } else { 9538 };
    assert_eq!(
        page,
        format!("--  page        another program has 127.0.0.1:9528; framescope takes {other}")
    );
}

/// As with a log on a full disk, or a pipe whose reader has closed it.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_cannot_be_written_disturbs_nobody() {
    for format in ["text", "json"] {
        let mut command = framescope();
        command.env("FRAMESCOPE_LOG", "trace").args(["--log-format", format]);
        command.stderr(File::options().write(true).open("/dev/full").unwrap());
        let mut relay = RelayProcess::start_as(command).await;
        let mut client = Client::open(relay.http, "/bridge/demo").await;
        client.send(b"\x05\0\0\0hello".as_slice()).await;
        assert_eq!(client.receive_bytes().await.as_ref(), b"\x05\0\0\0hello");
        assert_eq!(upgrade(relay.http, "/bridge/nobody", &[]).await.0.status, 404);
        drop(client);
        relay.running.signal("TERM");
        assert_eq!(relay.running.exit_code().await, Some(0), "{format}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_has_a_line_without_being_asked_for_and_a_flood_has_few() {
    let mut command = framescope();
    command.stderr(Stdio::piped());
    let mut relay = RelayProcess::start_as(command).await;
    let mut stderr = relay.running.stderr();
    for _ in 0..100 {
        assert_eq!(upgrade(relay.http, "/bridge/nobody", &[]).await.0.status, 404);
    }
    relay.running.signal("TERM");
    assert_eq!(relay.running.exit_code().await, Some(0));
    let mut log = String::new();
    stderr.read_to_string(&mut log).expect("it is UTF-8");
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("request refused")).collect();
    assert!((20..60).contains(&lines.len()), "{log}");
    for part in ["WARN", "peer=127.0.0.1", "/bridge/nobody", "status=404", "unknown_target"] {
        assert!(lines[0].contains(part), "{part}: {}", lines[0]);
    }
}

/// As with a terminal that was stopped with Ctrl-S.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_whose_reader_has_stopped_disturbs_nobody_and_says_what_it_dropped() {
    for format in ["text", "json"] {
        let mut command = framescope();
        command.env("FRAMESCOPE_LOG", "info").args(["--log-format", format]);
        command.stderr(Stdio::piped());
        let mut relay = RelayProcess::start_as(command).await;
        let mut stderr = Some(BufReader::new(relay.running.stderr()));
        until("lines are dropped", || async {
            for _ in 0..100 {
                assert_eq!(upgrade(relay.http, "/bridge/nobody", &[]).await.0.status, 404);
            }
            let metrics = get(relay.http, "/metrics").await.body;
            !metrics.contains("framescope_log_lines_dropped_total 0")
        })
        .await;
        let mut client = Client::open(relay.http, "/bridge/demo").await;
        client.send(b"\x05\0\0\0hello".as_slice()).await;
        assert_eq!(client.receive_bytes().await.as_ref(), b"\x05\0\0\0hello");
        drop(client);
        let metrics = get(relay.http, "/metrics").await.body;
        let dropped: u64 = value_of("framescope_log_lines_dropped_total", &metrics);

        // The rest of the JSON log is read. The text log is never read.
        let reading = (format == "json").then(|| {
            let stderr = stderr.take().expect("nobody has taken it");
            tokio::task::spawn_blocking(move || {
                let lines =
                    stderr.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap());
                let counts = lines.filter_map(|line: Value| line["fields"]["lines"].as_u64());
                counts.sum::<u64>()
            })
        });
        relay.running.signal("TERM");
        assert_eq!(relay.running.exit_code().await, Some(0), "{format}");
        if let Some(reading) = reading {
            let reported = within("the log ends", reading).await.unwrap();
            assert!(reported >= dropped, "the log says {reported}, the metric said {dropped}");
        }
        drop(stderr);
    }
}

fn value_of(metric: &str, metrics: &str) -> u64 {
    let mut values =
        metrics.lines().filter_map(|line| line.strip_prefix(metric)?.trim().parse().ok());
    values.next().expect("the metric is there")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_time_limit_is_a_number_of_seconds_within_its_bounds() {
    for option in ["--send-timeout", "--connect-timeout", "--ping-interval"] {
        for (seconds, is_accepted) in
            [("1", true), ("30", true), ("0", false), ("-1", false), ("x", false)]
        {
            let mut command = framescope();
            command.args([option, seconds, "--listen", "192.0.2.1:1"]);
            let said = sentence(&[seconds], run(command).await);
            let starts = said.starts_with("cannot listen on");
            assert_eq!(starts, is_accepted, "{option} {seconds}: {said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_asked_whether_it_is_there_as_often_as_was_said() {
    let relay = RelayProcess::start(&["--ping-interval", "1"]).await;
    // It answers no ping, because it reads nothing.
    let client = Client::open(relay.http, "/bridge/demo").await;
    until("the client is given up", || async {
        let metrics = get(relay.http, "/metrics").await.body;
        metrics.contains("framescope_sessions_open{kind=\"bridge\"} 0")
    })
    .await;
    drop(client);
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
            format!(
                "cannot listen on {address}: another program listens there already; {own} chooses another"
            )
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
        "cannot listen on 192.0.2.1:9528: this machine has no such address; --listen chooses another"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_argument_that_cannot_be_followed_is_one_line_and_exit_code_2() {
    for (arguments, said) in [
        (&["--target", "127.0.0.1:7000"][..], "a target is written NAME=HOST:PORT"),
        (&["--record", "/no/such/folder/session.json"], "a file in a folder that is there"),
        (&["--record", "/"], "a file in a folder that is there"),
        (&["--target", "a/b=127.0.0.1:7000"], "a target's name has letters, digits"),
        (&["--target", "demo=127.0.0.1:7000"], "the name \"demo\" stands for a built-in"),
        (&["--target", "demo-plain=a:1"], "the name \"demo-plain\" stands for a built-in"),
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
        (&["--max-sessions", "a\n\nb"], "invalid value 'a\\n\\nb' for '--max-sessions"),
        (&["--lis\n\nten"], "unexpected argument '--lis\\n\\nten' found"),
    ] {
        let line = refused(arguments).await;
        assert!(line.contains(said), "{arguments:?}: {line}");
    }
    let mut command = framescope();
    command.args(["lesson", "a\n\nb"]);
    let line = sentence(&["lesson"], run(command).await);
    assert!(line.contains("unrecognized subcommand 'a\\n\\nb'"), "{line}");
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
    let info: Value = serde_json::from_str(&get(relay.http, "/relay.json").await.body).unwrap();
    assert_eq!((&info["header"], &info["max_message"]), (&json!("!I"), &json!(10)));
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
        (["--max-sessions", "1"], "the relay has reached its limit of sessions"),
        (["--max-sessions-per-address", "1"], "your address has reached its limit of sessions"),
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

async fn max_message(relay: &RelayProcess) -> Value {
    let info: Value =
        serde_json::from_str(&get(relay.http, "/relay.json").await.body).expect("it is JSON");
    info["max_message"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flag_wins_over_a_variable_and_a_variable_over_the_file() {
    let file = TestFile::new("precedence.toml", "max-message = 1000\nheader = \"!I\"\n");
    let mut command = framescope();
    command.args(["--listen", "127.0.0.1:0", "--tcp-listen", "127.0.0.1:0"]);
    command.args(["--config", file.path(), "--"]);
    let relay = RelayProcess::of(command).await;
    assert_eq!(max_message(&relay).await, json!(1000), "after -- comes nothing");
    let file = ["--config", file.path()];
    for (arguments, variable, effective) in [
        (&[][..], None, 1000),
        (&[], Some("2000"), 2000),
        (&["--max-message", "3000"], Some("2000"), 3000),
        (&["--max-message", "3000"], None, 3000),
        // A flag wins even if its value is the default.
        (&["--max-message", "1048576"], None, 1_048_576),
    ] {
        let mut command = framescope();
        command.args(file).args(arguments);
        if let Some(value) = variable {
            command.env("FRAMESCOPE_MAX_MESSAGE", value);
        }
        let relay = RelayProcess::start_as(command).await;
        assert_eq!(max_message(&relay).await, json!(effective), "{arguments:?} {variable:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_variable_of_a_flag_says_yes_or_no_in_the_usual_words() {
    for value in ["1", "0", "yes", "no", "on", "off", "true", "false"] {
        let mut command = framescope();
        command.env("FRAMESCOPE_NO_WIRE", value);
        let relay = RelayProcess::start_as(command).await;
        assert_eq!(get(relay.http, "/healthz").await.body, "ok\n", "{value}");
    }
    let mut command = framescope();
    command.env("FRAMESCOPE_OPEN", "maybe");
    let line = sentence(&[], run(command).await);
    assert_eq!(line, "invalid value 'maybe' for '--open': value was not a boolean");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_variable_is_not_set_and_a_list_may_have_spaces() {
    let mut command = framescope();
    for name in ["TOKEN", "TARGET", "MAX_SESSIONS", "TLS_CERT", "CONFIG", "OPEN"] {
        command.env(format!("FRAMESCOPE_{name}"), "");
    }
    let relay = RelayProcess::start_as(command).await;
    assert_eq!(get(relay.http, "/metrics").await.status, 200, "no token is asked for");
    let mut command = framescope();
    command.env("FRAMESCOPE_TARGET", "one=127.0.0.1:1, two=127.0.0.1:2");
    command.env("FRAMESCOPE_ALLOW_ORIGIN", " https://a.example , https://b.example ");
    let relay = RelayProcess::start_as(command).await;
    let info = get(relay.http, "/relay.json").await.body;
    assert!(info.contains("\"one\",\"two\""), "{info}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_configuration_file_is_one_line_that_names_it_and_exit_code_2() {
    for (text, said) in [
        ("lissten = \"127.0.0.1:0\"", "there is no option \"lissten\""),
        ("max-message = 0", "a number of bytes from 1 to 67108864"),
        ("max-message", "this is not TOML"),
    ] {
        let file = TestFile::new("bad.toml", text);
        // The bad value is refused even if a flag overrides it.
        let line = refused(&["--config", file.path(), "--max-message", "5"]).await;
        assert!(line.starts_with(file.path()) && line.contains(said), "{text:?}: {line}");
    }
    let file = TestFile::new("bad.toml", "open = true\n  max_sesions = 5\n");
    let line = refused(&["--config", file.path()]).await;
    let why = "there is no option \"max_sesions\"; there is \"max-sessions\"";
    assert_eq!(line, format!("{}:2:3: {why}", file.path()));
    let line = refused(&["--config", "/nowhere/framescope.toml"]).await;
    assert!(line.starts_with("/nowhere/framescope.toml: No such file"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_and_a_file_for_the_relay_do_not_disturb_a_lesson() {
    let mut command = framescope();
    command.args(["lesson", "list"]);
    command.env("FRAMESCOPE_MAX_MESSAGE", "5").env("FRAMESCOPE_CONFIG", "/nowhere");
    let finished = run(command).await;
    assert_eq!((finished.code, finished.stderr.as_str()), (Some(0), ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ipv6_address_is_listened_on_and_connected_to() {
    let target = TcpListener::bind("[::1]:0").await.expect("this machine has IPv6");
    let target_address = target.local_addr().unwrap();
    let mut command = framescope();
    command.args(["--listen", "[::1]:0", "--tcp-listen", "[::1]:0"]);
    command.args(["--target", &format!("six={target_address}")]);
    let relay = RelayProcess::of(command).await;
    assert!(relay.http.is_ipv6() && relay.tcp.is_ipv6(), "{} {}", relay.http, relay.tcp);
    let mut client = Client::open(relay.http, "/bridge/six").await;
    let (mut stream, _) = target.accept().await.unwrap();
    client.send("hello").await;
    expect_bytes(&mut stream, b"hello").await;
    let own = format!("Origin: http://{}", relay.http);
    assert_eq!(upgrade(relay.http, "/bridge/demo", &[&own]).await.0.status, 101);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unix_socket_is_a_target_like_any_other() {
    const LENGTH: usize = 256 * 1024;

    let place = TestFile::new("target.sock", "");
    std::fs::remove_file(place.path()).unwrap();
    let listener = UnixListener::bind(place.path()).unwrap();
    let relay = RelayProcess::start(&["--target", &format!("db=unix:{}", place.path())]).await;
    let mut client = Client::open(relay.http, "/bridge/db?recv=5").await;
    let (mut target, _) = listener.accept().await.unwrap();

    client.send("hello").await;
    expect_bytes(&mut target, b"hello").await;
    let writer = tokio::spawn(async move {
        Pattern::new(1).write(&mut target, LENGTH, |_| {}).await.unwrap();
    });
    let (bytes, code, reason) = client.receive_to_close().await;
    Pattern::new(1).check(&bytes);
    assert_eq!(bytes.len(), LENGTH);
    assert_eq!((code, &*reason), (1000, "the target closed its side"));
    writer.await.unwrap();

    // A process that another test has just forked may hold the listener until it runs its program.
    SockRef::from(&listener).shutdown(Shutdown::Both).unwrap();
    let response = upgrade(relay.http, "/bridge/db", &[]).await.0;
    assert_eq!(response.status, 502);
    let said = "the target \"db\" cannot be reached: Connection refused";
    assert!(response.body.starts_with(said), "{}", response.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_asked_for_and_never_written_down() {
    const TOKEN: &str = "correct-horse-battery";
    let log = TestFile::new("token.log", "");
    for by_variable in [false, true] {
        let mut command = framescope();
        command.env("FRAMESCOPE_LOG", "trace").stderr(File::create(log.path()).unwrap());
        if by_variable {
            command.env("FRAMESCOPE_TOKEN", TOKEN);
        } else {
            command.args(["--token", TOKEN]);
        }
        let relay = RelayProcess::start_as(command).await;
        let granted = format!("/bridge/demo?token={TOKEN}&recv=5");
        assert_eq!(upgrade(relay.http, &granted, &[]).await.0.status, 101);
        let refused = upgrade(relay.http, "/bridge/demo?token=correct-horse", &[]).await.0;
        assert_eq!(refused.status, 401);
        assert!(!refused.body.contains("correct-horse"), "{}", refused.body);
        // The relay logs the session after its 101. It is killed, so wait for the line first.
        let written = || std::fs::read_to_string(log.path()).unwrap();
        let is_logged = || std::future::ready(written().contains("session opened"));
        until("the session is in the log", is_logged).await;
        drop(relay);
        let written = written();
        assert!(!written.contains("correct-horse"), "the token is in the log: {written}");
    }

    // The error for an invalid token does not quote it either.
    let line = refused(&["--token", "a secret with spaces"]).await;
    assert!(line.contains("a token has 8 to 256") && !line.contains("secret"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_log_format_json_each_line_of_the_log_is_a_json_object() {
    let log = TestFile::new("json.log", "");
    let mut command = framescope();
    command.args(["--log-format", "json"]).env("FRAMESCOPE_LOG", "info");
    command.stderr(File::create(log.path()).unwrap());
    let relay = RelayProcess::start_as(command).await;
    assert_eq!(upgrade(relay.http, "/bridge/nobody", &[]).await.0.status, 404);
    let is_logged =
        |line: &Value| line["fields"]["status"] == json!(404) && line["level"] == "WARN";
    until("the refusal is in the log", || {
        let written = std::fs::read_to_string(log.path()).unwrap();
        // The last line may be incomplete.
        let whole = written.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        let mut lines = whole.map(|line| serde_json::from_str(line).expect(line));
        std::future::ready(lines.any(|line| is_logged(&line)))
    })
    .await;
    let line = refused(&["--log-format", "xml"]).await;
    assert!(line.contains("--log-format"), "{line}");
}
