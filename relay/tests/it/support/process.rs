//! Programs as children of the test: the real binary, and the examples.

use std::io::{BufRead as _, BufReader, Read};
use std::net::SocketAddr;
#[cfg(target_os = "linux")]
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};

use super::waiting::{until, within};

/// Copies the program to where every user may run it. Another process writes the copy: a process that another test starts
/// meanwhile would inherit the open file from this one, and nobody may run a file that is open for writing.
#[cfg(target_os = "linux")]
pub(crate) fn copy_framescope(to: &Path) {
    let mut install = Command::new("install");
    install.args(["-m", "755", env!("CARGO_BIN_EXE_framescope")]).arg(to);
    assert!(install.status().is_ok_and(|status| status.success()), "it can be copied");
}

/// The built binary.
pub(crate) fn framescope() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_framescope"));
    command.env_remove("FRAMESCOPE_LOG").stderr(Stdio::null());
    command
}

/// The exit code and the output of a program that has ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finished {
    /// `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs a program to its end.
pub(crate) async fn run(mut command: Command) -> Finished {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program can be started");
    let stdout = read_to_end(child.stdout.take().expect("it is piped"));
    let stderr = read_to_end(child.stderr.take().expect("it is piped"));
    let mut running = Running { child, stdout: None };
    let (stdout, stderr) = within("the program ends", async { tokio::join!(stdout, stderr) }).await;
    Finished { code: running.exit_code().await, stdout, stderr }
}

async fn read_to_end(mut pipe: impl Read + Send + 'static) -> String {
    let reading = tokio::task::spawn_blocking(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).map(|_| text)
    });
    reading.await.expect("the thread does not panic").expect("the program prints UTF-8")
}

/// A running program, killed when dropped.
pub(crate) struct Running {
    child: Child,
    stdout: Option<BufReader<ChildStdout>>,
}

impl Running {
    /// Its stderr is the one that the command sets.
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the program can be started");
        let stdout = child.stdout.take().map(BufReader::new);
        Self { child, stdout }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its stderr. The command must pipe it. Only the caller reads it.
    pub(crate) fn stderr(&mut self) -> ChildStderr {
        self.child.stderr.take().expect("it is piped, and taken once")
    }

    /// The next line that it prints, without the line's end.
    pub(crate) async fn line(&mut self) -> String {
        let mut stdout = self.stdout.take().expect("one line is read at a time");
        let reading = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            stdout.read_line(&mut line).map(|_| (stdout, line))
        });
        let read = within("the program prints a line", reading).await;
        let (stdout, line) = read.expect("the thread does not panic").expect("a line is UTF-8");
        self.stdout = Some(stdout);
        line.trim_end().to_owned()
    }

    /// What it prints from now on, to its end, and its exit code.
    pub(crate) async fn rest(&mut self) -> (String, Option<i32>) {
        let stdout = self.stdout.take().expect("it is read once");
        let text = within("the program ends", read_to_end(stdout)).await;
        (text, self.exit_code().await)
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let mut kill = Command::new("sh");
        kill.args(["-c", "kill -s \"$1\" \"$2\"", "kill", name, &self.id().to_string()]);
        assert!(kill.status().expect("there is a shell").success(), "the signal was not sent");
    }

    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a child can be waited for").is_some()
    }

    /// Waits until it has ended. Returns the exit code, or `None` if a signal ended it.
    pub(crate) async fn exit_code(&mut self) -> Option<i32> {
        until("the program ends", || std::future::ready(self.has_ended())).await;
        self.child.wait().expect("it has ended").code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The real relay, on free ports.
pub(crate) struct RelayProcess {
    pub(crate) running: Running,
    pub(crate) http: SocketAddr,
    pub(crate) tcp: SocketAddr,
}

impl RelayProcess {
    pub(crate) async fn start(arguments: &[&str]) -> Self {
        let mut command = framescope();
        command.args(arguments);
        Self::start_as(command).await
    }

    /// Starts it with this command, on free ports.
    pub(crate) async fn start_as(mut command: Command) -> Self {
        command.args(["--listen", "127.0.0.1:0", "--tcp-listen", "127.0.0.1:0"]);
        Self::of(command).await
    }

    /// Starts it with this command and reads its addresses.
    pub(crate) async fn of(command: Command) -> Self {
        let mut running = Running::start(command);
        let page = running.line().await;
        let http = page.split_once("://").map(|(_, url)| url).and_then(|url| url.strip_suffix('/'));
        let server = running.line().await;
        let tcp = server.strip_prefix("TCP server  ");
        Self {
            running,
            http: http.and_then(|text| text.parse().ok()).expect("the first line is the page"),
            tcp: tcp.and_then(|text| text.parse().ok()).expect("the second is the TCP server"),
        }
    }
}
