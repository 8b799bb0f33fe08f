//! What happened in a run of programs, in order.

use framescope_python::Printed;
use framescope_syscall::{BlockedOn, Returned, Syscall};
use serde::{Deserialize, Serialize};

/// Something that a program did, or that came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When, in microseconds since the run began.
    pub at: u64,
    /// The index of the program.
    pub program: usize,
    /// The thread of the program: 0 is the main one.
    pub thread: usize,
    /// The line at which it is.
    pub line: u32,
    /// What it is.
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventKind {
    /// It makes a system call.
    Called(Syscall),
    /// The call waits.
    Blocked(BlockedOn),
    /// The call has returned.
    Returned(Returned),
    /// It has printed.
    Printed(Printed),
    /// It has read this line of its input. `None` at its end.
    Read(Option<String>),
    /// It has started this thread.
    Started(usize),
    /// It waits for another thread.
    Waits,
    /// The thread has ended.
    Ended,
}
