//! A thread of a program: what it does, and how far it goes.

use framescope_lab::Variable;
use framescope_python::Answer;
use framescope_syscall::{BlockedOn, Syscall};

use super::pace::Pace;

/// What a thread does.
#[derive(Clone, Debug)]
pub(super) enum Doing {
    /// It can go on with this answer.
    Ready(Answer),
    /// It stands before this call.
    Calls(Syscall),
    /// Its call waits, until this time at the latest. A `send` that waits may have sent some bytes.
    Blocked {
        call: Syscall,
        on: BlockedOn,
        until: Option<u64>,
        sent: u32,
    },
    /// It waits for another thread, until this time at the latest.
    Waits {
        until: Option<u64>,
    },
    /// It reads a line that somebody types.
    Reads,
    Ended,
}

/// A thread.
#[derive(Clone, Debug)]
pub(super) struct Thread {
    pub(super) doing: Doing,
    pub(super) pace: Pace,
    /// The variables that were told last.
    pub(super) variables: Vec<Variable>,
}

impl Thread {
    pub(super) const fn new(pace: Pace) -> Self {
        Self { doing: Doing::Ready(Answer::Go), pace, variables: Vec::new() }
    }

    /// What it asked for has come.
    pub(super) fn answer(&mut self, answer: Answer) {
        self.doing = Doing::Ready(answer);
        if self.pace == Pace::Call {
            self.pace = Pace::Rest;
        }
    }

    /// Whether it takes a step by itself.
    pub(super) const fn goes_on(&self) -> bool {
        !matches!(self.pace, Pace::Held) && matches!(self.doing, Doing::Ready(_) | Doing::Calls(_))
    }

    /// Whether it stands still, and could go on.
    pub(super) const fn is_held(&self) -> bool {
        matches!(self.pace, Pace::Held) && matches!(self.doing, Doing::Ready(_) | Doing::Calls(_))
    }
}
