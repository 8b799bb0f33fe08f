//! A relay in a separate process.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// The relay, killed when dropped.
pub(crate) struct Relay {
    child: Child,
    /// The address of the page, such as `127.0.0.1:9528`.
    pub(crate) address: String,
}

impl Relay {
    pub(crate) fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_framescope"));
        command.args(["--listen", "127.0.0.1:0", "--tcp-listen", "127.0.0.1:0"]);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the relay starts");
        let stdout = child.stdout.take().expect("it is piped");
        let line = BufReader::new(stdout).lines().next().expect("it prints a line");
        let line = line.expect("a line is UTF-8");
        let (_, url) = line.split_once("://").expect("the first line is the page");
        Self { child, address: url.trim_end_matches('/').to_owned() }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
