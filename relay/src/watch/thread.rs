//! A thread of a program that is watched.

use std::fs;

use framescope_syscall::errno::EINTR;

use framescope_lab::Variable;

use super::called::Called;
use super::entered::{Entered, int};
use super::pace::Pace;

/// A thread of a program.
#[derive(Debug)]
pub(super) struct Thread {
    /// The id of its process.
    pub(super) process: i32,
    /// Its number in its program: 0 is the main one. `None`: it has done nothing yet that is shown, or another thread goes on
    /// with that.
    pub(super) number: Option<usize>,
    /// The line at which it is, from 1. 0 if that is not known.
    pub(super) line: u32,
    /// Its variables, if they are known, and were not said.
    pub(super) variables: Option<Vec<Variable>>,
    /// The call that it is in.
    pub(super) current: Option<Current>,
    /// A call that has failed, and that may be made again as if it had not.
    pub(super) unsettled: Option<Unsettled>,
    pub(super) pace: Pace,
    /// The call before which it stands still.
    pub(super) held: Option<Held>,
}

/// A call before which a thread stands still: its number, and its arguments.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    pub(super) call: i64,
    pub(super) arguments: [u64; 6],
}

/// A call that a thread is in.
#[derive(Debug)]
pub(super) struct Current {
    pub(super) entered: Entered,
    /// The number of the thread that has begun it, if it was folded.
    pub(super) thread: usize,
    /// Whether it was said that it waits.
    pub(super) waits: bool,
}

/// A call that has failed, and that may be made again as if it had not.
#[derive(Debug)]
pub(super) struct Unsettled {
    pub(super) called: Called,
    pub(super) errno: u32,
    /// Whether it was said that it waits.
    pub(super) waits: bool,
}

impl Unsettled {
    /// Whether this call is the same one, which a signal has interrupted. One that has failed with `EAGAIN`, and is tried again
    /// without a wait in between, is another.
    pub(super) fn goes_on_as(&self, called: &Called) -> bool {
        self.errno == EINTR && called.is_again(&self.called)
    }
}

impl Thread {
    /// Whether it stands still.
    pub(super) const fn is_held(&self) -> bool {
        self.held.is_some()
    }

    pub(super) const fn new(process: i32, number: Option<usize>, pace: Pace) -> Self {
        Self {
            process,
            number,
            line: 0,
            variables: None,
            current: None,
            unsettled: None,
            pace,
            held: None,
        }
    }
}

/// What a thread does now, by proc(5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    /// It sleeps until something happens.
    Sleeps,
    /// It has ended, and others of its process have not.
    Ended,
    /// It runs, or is stopped.
    Runs,
}

/// What a thread does now.
pub(super) fn doing(process: i32, thread: i32) -> Doing {
    let stat = fs::read(format!("/proc/{process}/task/{thread}/stat")).unwrap_or_default();
    // The name before it may have any characters.
    let after = stat.iter().rposition(|byte| *byte == b')');
    match after.and_then(|at| stat.get(at + 2)) {
        Some(b'S') => Doing::Sleeps,
        Some(b'Z' | b'X') | None => Doing::Ended,
        Some(_) => Doing::Runs,
    }
}

/// Whether a thread that sleeps does so until another one, or a peer, does something: it waits for no time. What cannot be
/// known is no.
pub(super) fn waits_for_others(process: i32, thread: i32) -> bool {
    let text = fs::read_to_string(format!("/proc/{process}/task/{thread}/syscall"));
    let text = text.unwrap_or_default();
    let mut words = text.split_whitespace();
    let Some(Ok(number)) = words.next().map(str::parse::<i64>) else { return false };
    let arguments: Vec<u64> =
        words.map_while(|word| u64::from_str_radix(word.strip_prefix("0x")?, 16).ok()).collect();
    let argument = |index: usize| arguments.get(index).copied().unwrap_or(0);
    match number {
        libc::SYS_accept
        | libc::SYS_accept4
        | libc::SYS_connect
        | libc::SYS_read
        | libc::SYS_readv
        | libc::SYS_recvfrom
        | libc::SYS_recvmsg
        | libc::SYS_write
        | libc::SYS_writev
        | libc::SYS_sendto
        | libc::SYS_sendmsg
        | libc::SYS_sendfile
        | libc::SYS_wait4 => true,
        libc::SYS_waitid | libc::SYS_pselect6 => argument(4) == 0,
        libc::SYS_futex => argument(3) == 0,
        libc::SYS_ppoll => argument(2) == 0,
        libc::SYS_epoll_pwait => int(argument(3)) < 0,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_epoll_wait => int(argument(3)) < 0,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_poll => int(argument(2)) < 0,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_select | libc::SYS_pause => number == libc::SYS_pause || argument(4) == 0,
        _ => false,
    }
}
