//! The process that becomes a program that is watched: it waits until it is traced, and then lets itself be replaced.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use rustix::process::{Signal, getpid, kill_process, setsid};

use super::filter;

/// The subcommand that does it.
pub const LAUNCH: &str = "watch-launch";

/// Stops until it is traced and told to go on, and becomes this program. Returns why that failed.
#[must_use]
pub fn launch(command: &[OsString]) -> io::Error {
    let Some((program, arguments)) = command.split_first() else {
        return io::ErrorKind::InvalidInput.into();
    };
    // Ctrl+C at the terminal is for the one who watches.
    let prepared = setsid().map(drop).and_then(|()| kill_process(getpid(), Signal::STOP));
    if let Err(error) = prepared {
        return error.into();
    }
    if let Err(error) = filter::install() {
        return io::Error::other(error);
    }
    Command::new(program).args(arguments).exec()
}
