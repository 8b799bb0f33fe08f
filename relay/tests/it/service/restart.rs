//! SIGUSR2: a new process takes over, and no client notices.

use std::net::SocketAddr;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::io::copy;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::reload::{Log, start};
use crate::support::http::get;
use crate::support::process::{RelayProcess, Running, framescope};
use crate::support::test_file::TestFile;
use crate::support::websocket::Client;
use crate::support::{until, within};

/// How many sessions carry bytes through the restart.
const SESSIONS: usize = 1000;

/// A process that nobody waits for, ended when dropped.
struct Successor(String);

impl Successor {
    /// The process that the log says has taken over.
    async fn of(log: &mut Log) -> Self {
        let line = log.find("another process has taken over").await;
        let number = line.split("process").nth(2).expect(&line);
        let digits = |c: &char| c.is_ascii_digit();
        Self(number.chars().skip_while(|c| !digits(c)).take_while(digits).collect())
    }

    fn signal(&self, name: &str) {
        let mut kill = Command::new("kill");
        let _ = kill.args(["-s", name, &self.0]).stderr(Stdio::null()).status();
    }
}

impl Drop for Successor {
    fn drop(&mut self) {
        self.signal("KILL");
    }
}

/// A server that sends back what it receives.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("it is sound");
    let address = listener.local_addr().expect("it is sound");
    tokio::spawn(async move {
        loop {
            let Ok((mut stream, _)) = listener.accept().await else { continue };
            tokio::spawn(async move {
                let (mut read, mut write) = stream.split();
                let _ = copy(&mut read, &mut write).await;
            });
        }
    });
    address
}

/// Sends numbered messages through a session and reads them back, until it is told to end. Returns how many.
async fn converse(relay: SocketAddr, ends: Arc<AtomicBool>, opened: Arc<AtomicUsize>) -> u64 {
    let mut client = Client::open(relay, "/bridge/echo").await;
    opened.fetch_add(1, Ordering::Relaxed);
    let mut number = 0_u64;
    while !ends.load(Ordering::Relaxed) {
        let message = number.to_be_bytes().repeat(40);
        client.send(message.clone()).await;
        let mut read = Vec::new();
        while read.len() < message.len() {
            read.extend_from_slice(&client.receive_bytes().await);
        }
        assert!(read == message, "other bytes came back");
        number += 1;
    }
    number
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_sessions_go_on_through_a_restart_and_no_connection_is_refused() {
    let target = format!("echo={}", echo().await);
    let arguments =
        ["--target", &target, "--max-sessions-per-address", "2000", "--max-sessions", "2000"];
    let (mut relay, mut log) = start(&arguments).await;
    let (ends, opened) = (Arc::new(AtomicBool::new(false)), Arc::default());
    let mut sessions = JoinSet::new();
    // A few at a time: one address may only have so many connections that are not sessions yet.
    for some in 1..=SESSIONS / 50 {
        for _ in 0..50 {
            sessions.spawn(converse(relay.http, Arc::clone(&ends), Arc::clone(&opened)));
        }
        until("they are open", || async { opened.load(Ordering::Relaxed) == some * 50 }).await;
    }
    let connected = Arc::new(AtomicUsize::new(0));
    let knocking = {
        let (ends, relay, connected) = (Arc::clone(&ends), relay.http, Arc::clone(&connected));
        tokio::spawn(async move {
            while !ends.load(Ordering::Relaxed) {
                let stream = TcpStream::connect(relay).await.expect("somebody listens");
                drop(stream);
                assert_eq!(get(relay, "/healthz").await.status, 200);
                connected.fetch_add(1, Ordering::Relaxed);
            }
        })
    };
    let knocks = async || {
        let before = connected.load(Ordering::Relaxed);
        until("it is knocked", || async { connected.load(Ordering::Relaxed) > before + 10 }).await;
    };
    knocks().await;
    relay.running.signal("USR2");
    let successor = Successor::of(&mut log).await;
    // The new one serves, and none of the sessions is its own.
    let is_new = async || {
        let metrics = get(relay.http, "/metrics").await.body;
        !metrics.contains("sessions_open{kind=\"bridge\"}")
            || metrics.contains("sessions_open{kind=\"bridge\"} 0")
    };
    // The old one may have accepted another connection before it heard that it is replaced.
    until("the new process answers", is_new).await;
    knocks().await;
    let _new = Client::open(relay.http, "/bridge/echo").await;
    assert!(!relay.running.has_ended(), "the old process has sessions");
    ends.store(true, Ordering::Relaxed);
    knocking.await.expect("no connection was refused");
    let mut messages = 0;
    while let Some(session) = within("a session ends", sessions.join_next()).await {
        messages += session.expect("nothing was lost");
    }
    assert!(messages > SESSIONS as u64, "{messages}");
    // Its last session has ended, and so does the old process.
    assert_eq!(relay.running.exit_code().await, Some(0));
    assert_eq!(get(relay.http, "/healthz").await.status, 200);
    successor.signal("TERM");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_process_that_cannot_start_leaves_the_old_one_alone() {
    let file = TestFile::new("restart.toml", "");
    let (relay, mut log) = start(&["--config", file.path()]).await;
    file.write("no-such-option = 1\n");
    relay.running.signal("USR2");
    log.find("there is no option \"no-such-option\"").await;
    log.find("no other process takes over, so this one stays").await;
    assert_eq!(get(relay.http, "/healthz").await.status, 200);
    // When it is mended, it works.
    file.write("max-sessions = 3\n");
    relay.running.signal("USR2");
    let successor = Successor::of(&mut log).await;
    let _held = [
        Client::open(relay.http, "/bridge/demo").await,
        Client::open(relay.http, "/bridge/demo").await,
    ];
    assert_eq!(get(relay.http, "/bridge/demo").await.status, 426);
    successor.signal("TERM");
}

/// What is still open after the drain timeout is closed with 1001.
#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_go_on_for_too_long_are_closed() {
    let (mut relay, mut log) = start(&["--drain-timeout", "1"]).await;
    let mut session = Client::open(relay.http, "/bridge/demo").await;
    relay.running.signal("USR2");
    let _successor = Successor::of(&mut log).await;
    let (_, code, reason) = session.receive_to_close().await;
    assert_eq!((code, reason.as_str()), (1001, "the relay is shutting down"));
    assert_eq!(relay.running.exit_code().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_of_a_unix_socket_stays_and_is_removed_at_last() {
    let path = std::env::temp_dir().join(format!("framescope-{}-restart", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let mut command = framescope();
    let tokens = TestFile::new("restart-tokens", "long-enough-for-a-token");
    command.args(["--tcp-listen", "off", "--listen", &format!("unix:{}", path.display())]);
    command.args(["--token-file", tokens.path()]);
    command.env("FRAMESCOPE_LOG", "info").stderr(Stdio::piped());
    let mut old = Running::start(command);
    let mut log = Log::of(&mut old);
    old.line().await;
    // A new process that cannot start leaves it alone.
    tokens.write("short");
    old.signal("USR2");
    log.find("so this one stays").await;
    tokio::net::UnixStream::connect(&path).await.expect("the old process listens");
    tokens.write("long-enough-for-a-token");
    old.signal("USR2");
    let successor = Successor::of(&mut log).await;
    assert_eq!(old.exit_code().await, Some(0));
    tokio::net::UnixStream::connect(&path).await.expect("the new process listens");
    successor.signal("TERM");
    until("the file is gone", || async { !path.exists() }).await;
}

/// A folder with versions of the program, of which `cur` leads to one. Removed when dropped.
struct Versions(PathBuf);

impl Versions {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("framescope-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let versions = Self(folder);
        std::fs::create_dir_all(versions.0.join("v1")).expect("it is sound");
        std::fs::create_dir_all(versions.0.join("v2")).expect("it is sound");
        symlink(env!("CARGO_BIN_EXE_framescope"), versions.0.join("v1/framescope"))
            .expect("it is sound");
        symlink("v1", versions.0.join("cur")).expect("it is sound");
        versions
    }

    /// Puts a script at this path. It first writes its process's number to `started`.
    fn write(&self, path: &str, script: &str) {
        let (file, started) = (self.0.join("new"), self.0.join("started"));
        let started = started.display();
        let text =
            format!("#!/bin/sh\necho $$ > {started}.new\nmv {started}.new {started}\n{script}\n");
        std::fs::write(&file, text).expect("it is sound");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o700))
            .expect("it is sound");
        std::fs::rename(&file, self.0.join(path)).expect("it is sound");
    }

    /// Lets `cur` lead to the second version, a script.
    fn switch(&self, script: &str) {
        self.write("v2/framescope", script);
        symlink("v2", self.0.join("next")).expect("it is sound");
        std::fs::rename(self.0.join("next"), self.0.join("cur")).expect("it is sound");
    }

    /// Waits until the script runs. Returns its process's number.
    async fn started(&self) -> String {
        let file = self.0.join("started");
        until("the new program runs", || async { file.exists() }).await;
        let number = std::fs::read_to_string(&file).expect("it is sound");
        std::fs::remove_file(&file).expect("it is sound");
        number.trim().to_owned()
    }
}

impl Drop for Versions {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A script that becomes the program itself.
const GOES_ON: &str = concat!("exec ", env!("CARGO_BIN_EXE_framescope"), " \"$@\"");

/// Starts a command as the relay, with its log.
async fn start_as(mut command: Command) -> (RelayProcess, Log) {
    command.env("FRAMESCOPE_LOG", "info").stderr(Stdio::piped());
    let mut relay = RelayProcess::start_as(command).await;
    let log = Log::of(&mut relay.running);
    (relay, log)
}

/// Whether there is such a process, which has not ended.
fn runs(process: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with(" Z"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_starts_what_the_program_s_name_leads_to_now() {
    // A path through a symbolic link, a path in the folder where it was started, and a name in PATH.
    for name in ["absolute", "relative", "in-path"] {
        let versions = Versions::new(name);
        let folder = versions.0.join("cur");
        let mut command = match name {
            "absolute" => Command::new(folder.join("framescope")),
            "relative" => {
                let mut shell = Command::new("sh");
                shell.args(["-c", "exec cur/framescope \"$@\"", "sh"]).current_dir(&versions.0);
                shell
            }
            _ => {
                let mut shell = Command::new("sh");
                let path = std::env::var("PATH").unwrap();
                shell.args(["-c", "exec framescope \"$@\"", "sh"]);
                shell.env("PATH", format!("{}:{path}", folder.display()));
                shell
            }
        };
        command.env_remove("FRAMESCOPE_LOG");
        let (mut relay, mut log) = start_as(command).await;
        versions.switch(GOES_ON);
        relay.running.signal("USR2");
        let successor = Successor::of(&mut log).await;
        assert_eq!(versions.started().await, successor.0, "{name}");
        assert_eq!(relay.running.exit_code().await, Some(0));
        assert_eq!(get(relay.http, "/healthz").await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_starts_the_file_that_has_replaced_the_program() {
    let versions = Versions::new("replaced");
    let (mut relay, mut log) = start_as(Command::new(versions.0.join("v1/framescope"))).await;
    versions.write("v1/framescope", GOES_ON);
    relay.running.signal("USR2");
    let successor = Successor::of(&mut log).await;
    assert_eq!(versions.started().await, successor.0);
    assert_eq!(relay.running.exit_code().await, Some(0));
}

/// Nobody serves after a stop that comes before the new process serves.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_in_a_restart_stops_both_processes() {
    for is_awaited in [true, false, true, false] {
        let versions = Versions::new("stopped");
        let (mut relay, _log) = start_as(Command::new(versions.0.join("cur/framescope"))).await;
        let _session = Client::open(relay.http, "/bridge/demo").await;
        let go = versions.0.join("go");
        versions
            .switch(&format!("while [ ! -e {} ]; do sleep 0.01; done\n{GOES_ON}", go.display()));
        relay.running.signal("USR2");
        if is_awaited {
            versions.started().await;
        }
        relay.running.signal("TERM");
        std::fs::write(go, "").unwrap();
        assert_eq!(relay.running.exit_code().await, Some(0));
        let nobody = async || TcpStream::connect(relay.http).await.is_err();
        until("nobody listens", nobody).await;
    }
}

/// A program that does not serve, and does not obey SIGTERM either.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_a_new_program_that_hangs() {
    let versions = Versions::new("hangs");
    let (mut relay, mut log) = start_as(Command::new(versions.0.join("cur/framescope"))).await;
    versions.switch("trap '' TERM\nwhile :; do sleep 0.1; done");
    relay.running.signal("USR2");
    let process = versions.started().await;
    relay.running.signal("HUP");
    log.find("the configuration was read again").await;
    relay.running.signal("TERM");
    log.find("the new process is killed, as a stop came before it served").await;
    assert_eq!(relay.running.exit_code().await, Some(0));
    until("the new process has ended", || async { !runs(&process) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_program_that_does_not_say_that_it_serves_changes_nothing() {
    let versions = Versions::new("word");
    let (relay, mut log) = start_as(Command::new(versions.0.join("cur/framescope"))).await;
    versions.switch("printf hello >&0\nexec sleep 60");
    relay.running.signal("USR2");
    let process = versions.started().await;
    log.find("the new process has said something else than that it serves").await;
    until("the new process has ended", || async { !runs(&process) }).await;
    versions.write("v2/framescope", "exit 3");
    relay.running.signal("USR2");
    log.find("so this one stays: the new process has ended with exit code 3").await;
    assert_eq!(get(relay.http, "/healthz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_the_new_process_is_noticed() {
    for (signal, said) in [
        ("KILL", "nobody takes connections"),
        ("TERM", "the process that had taken over has ended"),
    ] {
        let (mut relay, mut log) = start(&[]).await;
        let session = Client::open(relay.http, "/bridge/demo").await;
        relay.running.signal("USR2");
        let successor = Successor::of(&mut log).await;
        successor.signal(signal);
        log.find(said).await;
        let status = Path::new("/proc").join(&successor.0);
        assert!(!status.exists(), "it was not waited for");
        relay.running.signal("USR2");
        log.find("another process has taken over already").await;
        drop(session);
        assert_eq!(relay.running.exit_code().await, Some(0));
    }
}

/// The mode of a socket's file is the new configuration's, a file that nobody listens on is removed, and one that was removed
/// is made again.
#[tokio::test(flavor = "multi_thread")]
async fn a_restart_takes_care_of_the_files_of_unix_sockets() {
    let path =
        |name: &str| std::env::temp_dir().join(format!("framescope-{}-{name}", std::process::id()));
    let (kept, left, removed) = (path("kept"), path("left"), path("removed"));
    let [kept_text, left_text, removed_text] =
        [&kept, &left, &removed].map(|path| format!("'unix:{}", path.display()));
    let file = TestFile::new("files.toml", "");
    file.write(&format!("listen = [{kept_text},mode=660', {left_text}', {removed_text}']\n"));
    let mut command = framescope();
    command.args(["--tcp-listen", "off", "--config", file.path()]);
    command.env("FRAMESCOPE_LOG", "info").stderr(Stdio::piped());
    let mut old = Running::start(command);
    let mut log = Log::of(&mut old);
    old.line().await;
    std::fs::remove_file(&removed).unwrap();
    file.write(&format!("listen = [{kept_text},mode=600', {removed_text}']\n"));
    old.signal("USR2");
    let successor = Successor::of(&mut log).await;
    assert_eq!(old.exit_code().await, Some(0));
    assert_eq!(std::fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!left.exists(), "a file is left");
    tokio::net::UnixStream::connect(&removed).await.expect("it is made again");
    successor.signal("TERM");
    until("the files are gone", || async { !kept.exists() && !removed.exists() }).await;
}
