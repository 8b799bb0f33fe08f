//! What happened in a run of programs, in order.

use framescope_syscall::{BlockedOn, Returned, Syscall};
use serde::{Deserialize, Serialize};

use super::outcome::Ended;
use super::segment::{Fate, Segment};
use super::socket::Socket;
use crate::encoding::encoded_length;

/// Something that a program did, or that came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When, in microseconds since the run began.
    pub at: u64,
    /// The index of the program.
    pub program: usize,
    /// The thread of the program: 0 is the main one.
    pub thread: usize,
    /// The line at which it is, from 1. 0 before the first one and after the last one.
    pub line: u32,
    /// What it is.
    pub kind: EventKind,
}

impl Event {
    /// The length of its encoding in a report, in bytes.
    #[must_use]
    pub fn encoded_length(&self) -> usize {
        encoded_length(self)
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// The program has started.
    Began,
    /// It has come to this line, and stops there. The functions that it is in, the innermost last.
    Line(Vec<Frame>),
    /// The variables have changed. All that the innermost function sees now: its own, then the global ones.
    Variables(Vec<Variable>),
    /// It makes a system call, in this part of the line.
    Called(Syscall, Columns),
    /// The call waits.
    Blocked(BlockedOn),
    /// The call has returned.
    Returned(Returned),
    /// It has printed.
    Printed(Output),
    /// It waits for a line of its input.
    Reads,
    /// It has read this line of its input. `None` at its end.
    Read(Option<String>),
    /// It has started this thread.
    Started(usize),
    /// It waits for another thread.
    Waits,
    /// The thread has ended.
    ThreadEnded,
    /// The program has ended.
    Ended(Ended),
    /// What the kernel reports about the program's sockets has changed. All that it reports now.
    Sockets(Vec<Socket>),
    /// A segment was sent. The program is the one whose socket has sent it, or, if there is none, the one that it
    /// is sent to.
    Segment(Segment),
    /// What has become of the segment with this number. The program is the one that it was sent to, or, if there is
    /// none, the one that has sent it.
    Fate(u32, Fate),
}

/// A function that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Its name, `<module>` outside of functions.
    pub function: String,
    /// The line at which it is, from 1.
    pub line: u32,
}

/// A part of a line, in characters. Empty if it is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Columns {
    /// The characters before it.
    pub from: u32,
    /// The characters up to its end.
    pub to: u32,
}

/// A variable and its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// The beginning of `repr(value)`.
    pub value: String,
    /// Whether it is one of the module's variables.
    pub is_global: bool,
}

/// What a program has printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// The text.
    pub text: String,
    /// Whether it was printed to the standard error.
    pub to_stderr: bool,
}
