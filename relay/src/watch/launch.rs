//! The process that becomes a program that is watched, and the one before it, which stands where a shell stands.
//!
//! The first process of a terminal leads its session. When it ends, the kernel hangs up on all that the terminal has. So it
//! must be no program: what a program leaves behind would end with it.

use std::convert::Infallible;
use std::ffi::OsString;
use std::io::{self, stdout};
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::thread;

use framescope_sys::{fork, trace};
use rustix::io::Errno;
use rustix::process::{
    Pid, Signal, WaitOptions, getpid, ioctl_tiocsctty, kill_process, setpgid, setsid, waitpid,
};
use rustix::termios::tcsetpgrp;

use super::filter;

/// The subcommand that does it.
pub const LAUNCH: &str = "watch-launch";

/// Leads the session of a terminal, which is standard output, and starts this program in its foreground. Stops when that
/// one has stopped, before its first instruction, to be traced. Ends with its terminal.
///
/// Returns why that failed.
#[must_use]
pub fn launch(command: &[OsString]) -> io::Error {
    let became = lead().and_then(|child| match child {
        Some(child) => stay(child),
        None => become_program(command),
    });
    let Err(error) = became;
    error
}

/// Makes the process that becomes the program. Returns its id, and `None` in that process.
fn lead() -> io::Result<Option<Pid>> {
    setsid()?;
    ioctl_tiocsctty(stdout())?;
    Ok(fork()?.and_then(Pid::from_raw))
}

/// What a shell does when it has started a program: it gives it the terminal, and waits.
fn stay(child: Pid) -> io::Result<Infallible> {
    if !trace::wait_until_stopped(child.as_raw_pid())? {
        return Err(io::Error::other("its process has ended at once"));
    }
    tcsetpgrp(stdout(), child)?;
    kill_process(getpid(), Signal::STOP)?;
    while matches!(waitpid(Some(child), WaitOptions::empty()), Err(Errno::INTR)) {}
    loop {
        thread::park();
    }
}

/// Stops until it is traced and told to go on, and becomes this program.
fn become_program(command: &[OsString]) -> io::Result<Infallible> {
    let (program, arguments) = command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    setpgid(None, None)?;
    kill_process(getpid(), Signal::STOP)?;
    filter::install().map_err(io::Error::other)?;
    Err(Command::new(program).args(arguments).exec())
}
