//! The signals that the program obeys.

#[cfg(unix)]
use std::fs::File;
#[cfg(unix)]
use std::future::pending;
use std::io;

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Ctrl-C, SIGTERM, or the terminal was closed.
    Stop,
    /// SIGHUP: read the configuration again.
    #[cfg_attr(not(unix), expect(dead_code, reason = "only Unix has signals"))]
    Reload,
    /// SIGUSR2: let a new process take over.
    #[cfg_attr(not(unix), expect(dead_code, reason = "only Unix has signals"))]
    Restart,
}

/// Listens for Ctrl-C, and on Unix for SIGTERM, SIGHUP and SIGUSR2, from the moment it is made.
#[cfg(unix)]
pub(crate) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// `None`: nohup(1) has said that it is ignored.
    hangup: Option<tokio::signal::unix::Signal>,
    restart: tokio::signal::unix::Signal,
    has_terminal: bool,
}

#[cfg(unix)]
impl Signals {
    pub(crate) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let interrupt = signal(SignalKind::interrupt())?;
        let terminate = signal(SignalKind::terminate())?;
        let hangup = if ignores_hangup() { None } else { Some(signal(SignalKind::hangup())?) };
        let restart = signal(SignalKind::user_defined2())?;
        Ok(Self { interrupt, terminate, hangup, restart, has_terminal: has_terminal() })
    }

    /// Waits for the next signal. Signals that came since the last call count.
    pub(crate) async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Stop,
            _ = self.terminate.recv() => Signal::Stop,
            _ = self.restart.recv() => Signal::Restart,
            () = async {
                match &mut self.hangup {
                    Some(hangup) => drop(hangup.recv().await),
                    None => pending().await,
                }
            } => {
                // A terminal that is closed says so with the same signal. Then nobody is there any more.
                if self.has_terminal && !has_terminal() { Signal::Stop } else { Signal::Reload }
            }
        }
    }

    /// Waits for a signal to stop.
    pub(crate) async fn stop(&mut self) {
        while self.next().await != Signal::Stop {}
    }
}

/// Whether this process has a controlling terminal: tty(4).
#[cfg(unix)]
fn has_terminal() -> bool {
    File::open("/dev/tty").is_ok()
}

/// Whether this process was started with SIGHUP ignored: the first bit of `SigIgn` in `proc_pid_status`(5). Where there is no
/// such file, it is not known, and taken for no.
#[cfg(unix)]
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask & 1 == 1)
}

/// Listens for Ctrl-C from the moment it is made.
#[cfg(windows)]
pub(crate) struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
}

#[cfg(windows)]
impl Signals {
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self { interrupt: tokio::signal::windows::ctrl_c()? })
    }

    /// Waits for the next signal. Signals that came since the last call count.
    pub(crate) async fn next(&mut self) -> Signal {
        self.stop().await;
        Signal::Stop
    }

    /// Waits for a signal to stop.
    pub(crate) async fn stop(&mut self) {
        self.interrupt.recv().await;
    }
}
