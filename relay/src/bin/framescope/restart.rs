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
use std::ffi::{OsStr, OsString};
use std::io::{self, Write as _, stdin};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf, absolute};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use framescope::{Inherited, RelayHandle};
use rustix::fs::{Access, access};
use rustix::net::{RecvFlags, recv};
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};
use tokio::time::{Instant, timeout_at};

/// Is set in the environment of a process that takes over.
const TAKES_OVER: &str = "FRAMESCOPE_TAKES_OVER";

/// What a process says when it serves.
const READY: &[u8] = b"ready";

/// How long it may take until it serves.
const PATIENCE: Duration = Duration::from_secs(15);

/// The way to the process whose place this one takes.
pub(crate) struct Predecessor(UnixStream);

impl Predecessor {
    /// Takes its listening sockets. `None`: this process was started by somebody else.
    pub(crate) fn take_over() -> anyhow::Result<Option<(Self, Inherited)>> {
        if env::var_os(TAKES_OVER).is_none() {
            return Ok(None);
        }
        let channel = UnixStream::from(stdin().as_fd().try_clone_to_owned()?);
        let inherited =
            channel.set_read_timeout(Some(PATIENCE)).and_then(|()| Inherited::receive(&channel));
        let inherited = inherited.with_context(|| {
            format!("{TAKES_OVER} is set, but no other process hands over its sockets at stdin")
        })?;
        Ok(Some((Self(channel), inherited)))
    }

    /// Says that this process serves.
    pub(crate) fn replace(mut self) -> io::Result<()> {
        self.0.write_all(READY)
    }
}

/// The program as this process was started, which a restart starts again.
#[derive(Debug)]
pub(crate) struct Program {
    /// The first argument: a path, which is absolute, or a name that is looked up in `PATH`.
    name: Option<OsString>,
}

impl Program {
    /// A path in the first argument is one in the folder that this process is in now.
    pub(crate) fn of_this_process() -> Self {
        let name = env::args_os().next().filter(|name| !name.is_empty());
        let name = name.map(|name| match absolute(&name) {
            Ok(path) if has_slash(&name) => path.into_os_string(),
            Ok(_) | Err(_) => name,
        });
        Self { name }
    }

    /// The file that this name leads to now. It may be another one than at the start: a symbolic link or a file may
    /// have been replaced. If the name leads nowhere, the file that this process runs.
    fn file(&self) -> anyhow::Result<PathBuf> {
        let is_program = |file: &PathBuf| file.is_file() && access(file, Access::EXEC_OK).is_ok();
        let named = self.name.as_ref().and_then(|name| {
            if has_slash(name) {
                return Some(PathBuf::from(name)).filter(is_program);
            }
            let folders = env::var_os("PATH")?;
            env::split_paths(&folders).map(|folder| folder.join(name)).find(is_program)
        });
        if let Some(file) = named {
            return Ok(file);
        }
        let own = env::current_exe().context("the program's file is not known")?;
        // What Linux calls a file that was removed. Another one may have been put in its place.
        let path = own.as_os_str().as_bytes().strip_suffix(b" (deleted)");
        Ok(path.map_or_else(|| own.clone(), |path| Path::new(OsStr::from_bytes(path)).into()))
    }

    fn command(&self) -> anyhow::Result<Command> {
        let mut command = Command::new(self.file()?);
        if let Some(name) = &self.name {
            command.arg0(name);
        }
        command
            .args(env::args_os().skip(1))
            .env(TAKES_OVER, "1")
            // These are about this process.
            .env_remove("WATCHDOG_PID")
            .env_remove("LISTEN_PID")
            .env_remove("LISTEN_FDS");
        Ok(command)
    }
}

fn has_slash(name: &OsStr) -> bool {
    name.as_bytes().contains(&b'/')
}

/// A new process that does not serve yet. It is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Starting {
    /// `None`: it serves.
    child: Option<Child>,
    channel: tokio::net::UnixStream,
    said: Vec<u8>,
    deadline: Instant,
}

impl Starting {
    /// Starts the program again, and hands the listening sockets over.
    ///
    /// # Errors
    ///
    /// It cannot be started, or this relay has no listening sockets any more.
    pub(crate) fn start(program: &Program, relay: &RelayHandle) -> anyhow::Result<Self> {
        let (ours, theirs) = UnixStream::pair().context("there are no Unix sockets")?;
        // They wait in the socket until the new process takes them.
        relay.hand_over(&ours).context("the listening sockets cannot be handed over")?;
        Self::spawn(program.command()?, ours, theirs)
    }

    fn spawn(mut command: Command, ours: UnixStream, theirs: UnixStream) -> anyhow::Result<Self> {
        ours.set_nonblocking(true)?;
        let channel = tokio::net::UnixStream::from_std(ours)?;
        command.stdin(Stdio::from(OwnedFd::from(theirs)));
        let child = command.spawn().with_context(|| {
            format!("{} cannot be started", Path::new(command.as_std().get_program()).display())
        })?;
        // `command` is dropped, and with it our copy of the other end: so its end tells us.
        let deadline = Instant::now() + PATIENCE;
        Ok(Self { child: Some(child), channel, said: Vec::new(), deadline })
    }

    /// Waits until it serves. If this is dropped, it can be waited for again.
    ///
    /// # Errors
    ///
    /// It does not serve, and is to be dropped.
    pub(crate) async fn serves(&mut self) -> anyhow::Result<Successor> {
        while self.said.len() < READY.len() {
            let read = self.channel.read_buf(&mut self.said);
            match timeout_at(self.deadline, read).await {
                Err(_) => bail!("the new process has not served within {PATIENCE:?}"),
                Ok(Ok(1..)) => {}
                Ok(Ok(0) | Err(_)) => bail!("{}", self.how_it_ended().await?),
            }
        }
        self.successor().context("the new process has said something else than that it serves")
    }

    /// The new process, if it has said by now that it serves. Otherwise it is killed.
    pub(crate) fn serves_already(mut self) -> Option<Successor> {
        let mut rest = [0; READY.len()];
        if let Ok((_, read)) = recv(&self.channel, &mut rest[..], RecvFlags::DONTWAIT) {
            self.said.extend_from_slice(&rest[..read]);
        }
        self.successor()
    }

    fn successor(&mut self) -> Option<Successor> {
        let child = if self.said == READY { self.child.take() } else { None };
        child.map(Successor)
    }

    async fn how_it_ended(&mut self) -> anyhow::Result<String> {
        let child = self.child.as_mut().context("it serves")?;
        // It may only have closed its stdin.
        let _ = child.start_kill();
        let ended = child.wait().await.context("the new process cannot be waited for")?;
        Ok(match ended.code() {
            Some(code) => format!("the new process has ended with exit code {code}"),
            None => format!("the new process has ended ({ended})"),
        })
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may have ended. tokio waits for it.
            let _ = child.start_kill();
        }
    }
}

/// The process that has taken this one's place. It goes on when this is dropped.
#[derive(Debug)]
pub(crate) struct Successor(Child);

impl Successor {
    /// Its number. `None`: it has ended.
    pub(crate) fn id(&self) -> Option<u32> {
        self.0.id()
    }

    /// Waits until it has ended.
    pub(crate) async fn ended(&mut self) -> io::Result<ExitStatus> {
        self.0.wait().await
    }

    /// Sends it the stop that this process was asked for.
    pub(crate) fn stop(&self) {
        self.signal(Signal::TERM);
    }

    /// Sends it the reload that this process was asked for.
    pub(crate) fn reload(&self) {
        self.signal(Signal::HUP);
    }

    fn signal(&self, signal: Signal) {
        let process = self.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
        if let Some(process) = process {
            // It may have ended. Then there is nobody to tell.
            let _ = kill_process(process, signal);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    /// A new process that runs this script of the shell.
    fn start(script: &str) -> Starting {
        let (ours, theirs) = UnixStream::pair().unwrap();
        spawn(script, ours, theirs)
    }

    fn spawn(script: &str, ours: UnixStream, theirs: UnixStream) -> Starting {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Starting::spawn(command, ours, theirs).unwrap()
    }

    #[tokio::test]
    async fn only_the_right_word_says_that_a_process_serves() {
        for (script, said) in [
            ("exit 3", "the new process has ended with exit code 3"),
            ("printf read >&0; kill -KILL $$", "the new process has ended (signal: 9 (SIGKILL))"),
            ("printf hello >&0; sleep 60", "something else than that it serves"),
            ("printf 'ready!' >&0; sleep 60", "something else than that it serves"),
        ] {
            let mut starting = start(script);
            let error = starting.serves().await.unwrap_err().to_string();
            assert!(error.contains(said), "{script}: {error}");
        }
        let mut starting = start("printf re >&0; printf ady >&0; exit 4");
        let mut successor = starting.serves().await.unwrap();
        drop(starting);
        assert_eq!(successor.ended().await.unwrap().code(), Some(4));
    }

    #[tokio::test(start_paused = true)]
    async fn a_process_that_says_nothing_is_given_up() {
        let error = start("exec sleep 60").serves().await.unwrap_err().to_string();
        assert_eq!(error, "the new process has not served within 15s");
    }

    #[tokio::test]
    async fn a_stop_is_passed_on_to_a_process_that_serves_and_ends_one_that_does_not() {
        let starting = start("trap 'exit 7' TERM; printf ready >&0; while :; do sleep 0.01; done");
        starting.channel.readable().await.unwrap();
        let mut successor = starting.serves_already().unwrap();
        successor.stop();
        assert_eq!(successor.ended().await.unwrap().code(), Some(7));
        let (ours, theirs) = UnixStream::pair().unwrap();
        let mut still_ours = ours.try_clone().unwrap();
        let starting =
            spawn("trap '' TERM; printf no >&0; while :; do sleep 0.01; done", ours, theirs);
        starting.channel.readable().await.unwrap();
        assert!(starting.serves_already().is_none());
        still_ours.set_nonblocking(false).unwrap();
        assert_eq!(still_ours.read(&mut [0]).unwrap(), 0);
    }
}
