//! `framescope watch`: programs of any language against each other, as they are.
//!
//! What comes in: command lines, and what somebody types. What goes out: what happened, line by line or as JSON, and the
//! exit code of the worst.
//!
//! May use: `language`, `run`.

mod arguments;
#[cfg(target_os = "linux")]
mod linux;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Args;
#[cfg(target_os = "linux")]
use framescope::WatchWays;
use framescope::WatchedRun;

pub(crate) use self::arguments::WatchArgs;

/// Runs the programs, prints what they do, and returns the exit code.
#[cfg(target_os = "linux")]
pub(crate) fn run(arguments: &WatchArgs) -> anyhow::Result<i32> {
    linux::run(arguments)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn run(_: &WatchArgs) -> anyhow::Result<i32> {
    anyhow::bail!("programs are watched on Linux only; `framescope run` runs Python programs here")
}

/// The programs, for a page that steps them.
#[cfg(target_os = "linux")]
pub(crate) fn to_step(arguments: &WatchArgs) -> anyhow::Result<WatchedRun> {
    linux::to_step(arguments)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn to_step(arguments: &WatchArgs) -> anyhow::Result<WatchedRun> {
    run(arguments).and_then(|_| anyhow::bail!("programs are watched on Linux only"))
}

/// What a relay starts to watch programs for a page.
#[derive(Debug, Args)]
pub(crate) struct WatchWorkerArgs {
    /// How many of the words are a program and its arguments, for each program
    #[arg(long, value_name = "COUNT")]
    words: Vec<usize>,
    /// They reach what this process reaches, and not each other alone
    #[arg(long)]
    reach_all: bool,
    /// Each call is shown each time it is made
    #[arg(long)]
    raw: bool,
    /// The programs and their arguments
    #[arg(last = true, value_name = "WORD")]
    all: Vec<OsString>,
}

impl WatchWorkerArgs {
    /// Watches programs until the relay closes the channel or has gone.
    #[cfg(target_os = "linux")]
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let ways = WatchWays { reach_all: self.reach_all, raw: self.raw };
        let mut all = self.all.into_iter();
        let commands = self.words.into_iter().map(|count| all.by_ref().take(count).collect());
        Ok(framescope::worker::watch_child(commands.collect(), ways)?)
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn run(self) -> anyhow::Result<()> {
        anyhow::bail!(
            "{} programs of {} words are not watched here ({}, {})",
            self.words.len(),
            self.all.len(),
            self.reach_all,
            self.raw
        )
    }
}

/// Becomes a program that is watched.
#[cfg(target_os = "linux")]
pub(crate) fn launch(command: &[OsString]) -> ExitCode {
    drop(framescope::watch::launch(command));
    ExitCode::FAILURE
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn launch(_: &[OsString]) -> ExitCode {
    ExitCode::FAILURE
}
