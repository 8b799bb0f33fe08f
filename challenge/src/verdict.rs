//! What is found of a client's answers.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The most bytes of an answer that a verdict quotes.
pub(crate) const QUOTED: usize = 24;

/// What is found of a client's answers in a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// All that was expected came, and nothing else.
    Passed,
    /// It did not.
    Failed(Failure),
}

/// What came instead of what was expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What is wrong.
    pub reason: Reason,
    /// The offset in the client's answers at which it is wrong.
    pub at: usize,
    /// What was expected from there on, cut.
    pub expected: Vec<u8>,
    /// What came from there on, cut.
    pub came: Vec<u8>,
    /// The message that should have been answered there, from 1. `None` if none should.
    pub message: Option<usize>,
    /// The offsets within that message, header included, at which it was cut on its way.
    pub cuts: Vec<usize>,
}

/// What is wrong with a client's answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// A byte is another than expected.
    Differs,
    /// It closed the connection, and an answer is missing.
    ClosedEarly,
    /// It answered, and then there was nothing to answer.
    TooMuch,
    /// It was expected to answer or to close, and did neither in time.
    TimedOut,
    /// The connection was reset.
    Reset,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Differs => "a byte of the answers is wrong",
            Self::ClosedEarly => "the connection was closed, and an answer is missing",
            Self::TooMuch => "there is an answer to what is no message",
            Self::TimedOut => "nothing came in time",
            Self::Reset => "the connection was reset",
        })
    }
}
