//! Where connections come in: several places, Unix sockets, and sockets of systemd.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use crate::support::http::{get, upgrade_request};
use crate::support::process::{Running, framescope, run};
use crate::support::target::unused;
use crate::support::{skipped, until, within};

/// A path for a socket, short enough for `sockaddr_un`, with nothing there.
fn socket_path(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("framescope-{}-{name}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    path
}

/// The status of an answer through a Unix socket, which is kept open.
async fn ask(path: &Path, request: &str) -> (String, UnixStream) {
    let connected = within("it connects", UnixStream::connect(path)).await;
    let mut stream = connected.expect("somebody listens");
    stream.write_all(request.as_bytes()).await.expect("it is taken");
    let mut status = [0; 12];
    within("it is answered", stream.read_exact(&mut status)).await.expect("an answer");
    (String::from_utf8_lossy(&status[9..]).into_owned(), stream)
}

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Starts the relay, and waits for its last line.
async fn start(arguments: &[&str]) -> (Running, Vec<String>) {
    let mut command = framescope();
    command.args(["--tcp-listen", "off"]).args(arguments);
    let mut running = Running::start(command);
    let mut lines = Vec::new();
    loop {
        let line = running.line().await;
        if line.starts_with("stop with") || line.is_empty() {
            return (running, lines);
        }
        lines.push(line);
    }
}

fn address(line: &str) -> SocketAddr {
    line.trim_end_matches('/').rsplit('/').next().expect("it is sound").parse().expect(line)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_listens_in_several_places_and_says_where() {
    let path = socket_path("several");
    let unix = format!("unix:{},mode=600", path.display());
    let (mut running, lines) =
        start(&["--listen", "127.0.0.1:0", "--listen", &format!("[::1]:0,{unix}")]).await;
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(get(address(&lines[0]), "/healthz").await.status, 200);
    assert_eq!(lines[2], format!("also        unix:{}", path.display()));
    assert_eq!(ask(&path, HEALTH).await.0, "200");
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    running.signal("TERM");
    assert_eq!(running.exit_code().await, Some(0));
    assert!(!path.exists(), "the socket's file is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_is_left_over_is_replaced_and_one_in_use_is_not() {
    let path = socket_path("left");
    let unix = format!("unix:{}", path.display());
    let (mut killed, _) = start(&["--listen", &unix]).await;
    killed.signal("KILL");
    killed.exit_code().await;
    assert!(path.exists());
    let (_running, lines) = start(&["--listen", &unix]).await;
    assert_eq!(lines, [format!("page        {unix}")]);
    assert_eq!(ask(&path, HEALTH).await.0, "200");
    let mut command = framescope();
    command.args(["--tcp-listen", "off", "--listen", &unix]);
    let refused = run(command).await;
    assert_eq!(refused.code, Some(2));
    assert_eq!(
        refused.stderr,
        format!(
            "framescope: cannot listen on {unix}: another program listens there already; --listen chooses another\n"
        )
    );
    assert_eq!(ask(&path, HEALTH).await.0, "200");
    let file = socket_path("file");
    std::fs::write(&file, "precious").unwrap();
    let mut command = framescope();
    command.args(["--tcp-listen", "off", "--listen", &format!("unix:{}", file.display())]);
    let refused = run(command).await;
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("which is no socket"), "{}", refused.stderr);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");
    let _ = std::fs::remove_file(&file);
}

/// Each client of a trusted proxy at a Unix socket counts for itself, and all others are this machine.
#[tokio::test(flavor = "multi_thread")]
async fn a_unix_socket_may_be_trusted() {
    for (trusted, statuses) in [(true, ["101", "101", "503"]), (false, ["101", "503", "503"])] {
        let path = socket_path(if trusted { "trusted" } else { "untrusted" });
        let unix = format!("unix:{}", path.display());
        let mut command = framescope();
        command.args(["--listen", &unix, "--tcp-listen", "127.0.0.1:0"]);
        command.args(["--max-sessions-per-address", "1"]);
        if trusted {
            command.args(["--trusted-proxy", "unix"]);
        }
        let mut running = Running::start(command);
        running.line().await;
        let any: SocketAddr = "127.0.0.1:1".parse().unwrap();
        let asked = |client: u8| {
            let header = format!("X-Forwarded-For: 192.0.2.{client}");
            upgrade_request(any, "/bridge/demo", &[&header])
        };
        let (first, _one) = ask(&path, &asked(1)).await;
        let (second, _other) = ask(&path, &asked(2)).await;
        let (third, _) = ask(&path, &asked(1)).await;
        assert_eq!([first, second, third], statuses, "{trusted}");
    }
}

/// `systemd-socket-activate` opens the sockets and starts the relay when the first connection comes.
#[tokio::test(flavor = "multi_thread")]
async fn sockets_of_systemd_are_listened_on() {
    if Command::new("systemd-socket-activate")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_err()
    {
        return skipped("there is no systemd-socket-activate here");
    }
    let tcp = unused();
    let path = socket_path("activated");
    let mut command = Command::new("systemd-socket-activate");
    command.args(["-l", &tcp.to_string(), "-l"]).arg(&path).stderr(Stdio::null());
    command.arg(env!("CARGO_BIN_EXE_framescope")).args(["--listen", "fd:systemd"]);
    command.args(["--tcp-listen", "off"]);
    let _running = Running::start(command);
    until("systemd listens", || async { UnixStream::connect(&path).await.is_ok() }).await;
    assert_eq!(ask(&path, HEALTH).await.0, "200");
    assert_eq!(get(tcp, "/healthz").await.status, 200);
    let _ = std::fs::remove_file(&path);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_systemd_there_are_no_sockets_of_it() {
    let mut command = framescope();
    command.args(["--listen", "fd:systemd", "--tcp-listen", "off"]);
    let refused = run(command).await;
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("systemd has handed over no sockets"), "{}", refused.stderr);
}

/// All addresses of both families, on one port.
#[tokio::test(flavor = "multi_thread")]
async fn it_listens_on_every_address_of_both_families() {
    let tcp = unused();
    let port = tcp.port();
    let list = format!("0.0.0.0:{port},[::]:{port}");
    let (_running, _) = start(&["--listen", &list]).await;
    for address in [tcp, SocketAddr::new(std::net::Ipv6Addr::LOCALHOST.into(), port)] {
        assert_eq!(get(address, "/healthz").await.status, 200, "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn places_that_cannot_be_listened_on_are_refused_with_a_sentence() {
    let long = format!("unix:/{}", "x".repeat(107));
    let many: Vec<String> = (1..202).map(|port| format!("127.0.0.1:{port}")).collect();
    for (list, said) in [
        ("127.0.0.1:1,127.0.0.1:1", "127.0.0.1:1 is among the places to listen twice"),
        ("[::]:1,[::1]:1", "one of them includes the other"),
        (&long, "the path of the Unix socket has 108 bytes"),
        (&many.join(","), "there are 201 places to listen, over the limit of 200"),
    ] {
        for check in [&["check"][..], &[]] {
            let mut command = framescope();
            command.args(check).args(["--tcp-listen", "off", "--listen", list]);
            let refused = run(command).await;
            assert_eq!(refused.code, Some(2));
            assert!(refused.stderr.contains(said), "{}", refused.stderr);
        }
    }
}

/// Why the relay cannot start is JSON too, if the log is.
#[tokio::test(flavor = "multi_thread")]
async fn a_fatal_error_is_in_the_format_of_the_log() {
    for arguments in
        [&["--listen", "192.0.2.1:1"][..], &["--listen", "nowhere"], &["--config", "/no/such/file"]]
    {
        let mut command = framescope();
        command.args(["--log-format", "json", "--tcp-listen", "off"]).args(arguments);
        command.env("FRAMESCOPE_LOG", "off");
        let refused = run(command).await;
        assert_eq!(refused.code, Some(2));
        let line: serde_json::Value = serde_json::from_str(&refused.stderr).expect(&refused.stderr);
        assert_eq!(line["level"], "ERROR");
        assert!(line["fields"]["message"].is_string(), "{line}");
    }
}
