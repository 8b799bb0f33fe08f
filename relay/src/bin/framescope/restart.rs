//! A restart that no client notices: a new process takes the listening sockets, and when it serves, this one
//! takes no more connections. Its sessions go on until they end.
//!
//! ```text
//! old                                        new
//! SIGUSR2 -> starts the program again  ----> its stdin is a Unix socket
//! hands over the listening sockets     ----> takes them, and serves
//! takes no more connections            <---- "ready"
//! ```

use std::env;
use std::io::{self, Read as _, Write as _, stdin};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use framescope::{Inherited, RelayHandle};

/// Is set in the environment of a process that takes over.
const TAKES_OVER: &str = "FRAMESCOPE_TAKES_OVER";

/// What a process says when it serves.
const READY: &[u8] = b"ready";

/// How long it may take until it serves. A stop waits as long.
const PATIENCE: Duration = Duration::from_secs(15);

/// The way to the process whose place this one takes.
pub(crate) struct Predecessor(UnixStream);

impl Predecessor {
    /// Takes its listening sockets. `None`: this process was started by somebody else.
    pub(crate) fn take_over() -> io::Result<Option<(Self, Inherited)>> {
        if env::var_os(TAKES_OVER).is_none() {
            return Ok(None);
        }
        let channel = UnixStream::from(stdin().as_fd().try_clone_to_owned()?);
        channel.set_read_timeout(Some(PATIENCE))?;
        let inherited = Inherited::receive(&channel)?;
        Ok(Some((Self(channel), inherited)))
    }

    /// Says that this process serves.
    pub(crate) fn replace(mut self) -> io::Result<()> {
        self.0.write_all(READY)
    }
}

/// Starts the program again, as this process was started, and returns when the new one serves: its process. Blocks.
///
/// # Errors
///
/// It cannot be started, or has ended, and has said why on stderr. Then this process goes on as before.
pub(crate) fn start(relay: &RelayHandle) -> anyhow::Result<Child> {
    let (mut ours, theirs) = UnixStream::pair().context("there are no Unix sockets")?;
    ours.set_read_timeout(Some(PATIENCE))?;
    let mut command = Command::new(program()?);
    command
        .args(env::args_os().skip(1))
        .env(TAKES_OVER, "1")
        // These are about this process.
        .env_remove("WATCHDOG_PID")
        .env_remove("LISTEN_PID")
        .env_remove("LISTEN_FDS")
        .stdin(Stdio::from(OwnedFd::from(theirs)));
    let mut child = command.spawn().context("the program cannot be started again")?;
    // Our copy of its end, so that its end tells us.
    drop(command);
    let mut said = [0; READY.len()];
    let answer = relay.hand_over(&ours).and_then(|()| ours.read_exact(&mut said));
    if let Err(error) = answer {
        let _ = child.kill();
        let _ = child.wait();
        bail!("the new process does not serve: {error}");
    }
    Ok(child)
}

/// The program's file. If another one has been put in its place, that one.
fn program() -> anyhow::Result<PathBuf> {
    let program = env::current_exe().context("the program's file is not known")?;
    let text = program.to_string_lossy();
    Ok(text.strip_suffix(" (deleted)").map_or_else(|| program.clone(), PathBuf::from))
}
