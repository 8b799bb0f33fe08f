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
