//! The reports that answer the page's commands.

use serde::{Deserialize, Serialize};

use crate::encoding::encode;
use crate::trace::{Event, Network, RunEnd};

/// The most bytes of a run's events, encoded: 64 MiB. With one more the run ends with [`RunEnd::RecordFull`].
pub const MAX_TRACE: usize = 64 * 1024 * 1024;

/// The longest encoded report, in bytes. One event may have all of [`MAX_TRACE`].
pub const MAX_REPORT: usize = MAX_TRACE + 64;

/// A report of whatever runs the programs. It has at most [`MAX_REPORT`] bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Report {
    /// An experiment is loaded, and no program has started. What is wrong with its texts, at most one
    /// problem for each program. Answers each [`Command::Load`](super::Command::Load) and
    /// [`Command::Reset`](super::Command::Reset), also one that another one has followed at once.
    Loaded(Vec<CompileProblem>),
    /// The network that the programs of the loaded experiment run on.
    Network(Network),
    /// The next events of the run, in order.
    Events(Vec<Event>),
    /// The run is over, and its sockets are closed.
    Over(RunEnd),
    /// The run cannot go on. Why, in a sentence.
    Failed(String),
    /// The program and the thread that [`Command::StepNext`](super::Command::StepNext) would step now. `None` if none can
    /// take a step.
    Next(Option<(usize, usize)>),
    /// Nothing happens by itself any more. What still can happen is a command: a step, a line that is typed, what becomes
    /// of a segment that is held. Comes after the experiment is loaded, and later if somebody steps the programs.
    Rests,
}

/// What is wrong with the text of a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompileProblem {
    /// The index of the program.
    pub program: usize,
    /// `SyntaxError` or one based on it. `None` if it is Python, and outside of the subset.
    pub class: Option<String>,
    /// CPython's message, or a sentence.
    pub message: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl Report {
    /// The report as the payload of a message.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        encode(self)
    }

    /// Reads a report. `None` if `bytes` is not the encoding of a report.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        postcard::take_from_bytes(bytes).ok().filter(|(_, rest)| rest.is_empty()).map(|(it, _)| it)
    }
}
