//! How a program has ended.

use serde::{Deserialize, Serialize};

/// How a program has ended, or where it waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// It is outside of the subset: it has not begun, or it stopped there.
    Refused {
        /// The line.
        line: u32,
        /// A sentence.
        message: String,
    },
    /// It is not Python.
    Syntax {
        /// `SyntaxError` or one based on it.
        class: String,
        /// The message.
        message: String,
        /// The line.
        line: u32,
        /// The column, from 1.
        column: u32,
    },
    /// It ran to its end, or called `sys.exit`.
    Exit(i32),
    /// Nothing caught this exception.
    Exception(Exception),
    /// It waits at this line, and nothing moves any more.
    Blocked {
        /// The line.
        line: u32,
        /// What it printed until then, in bytes of its output.
        printed: usize,
    },
    /// A budget ended it.
    Spins {
        /// The line.
        line: u32,
        /// The budget, in a sentence.
        message: String,
    },
    /// It was never started.
    NotStarted,
}

/// An exception that nothing caught.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// The class, as a traceback names it.
    pub class: String,
    /// `str(exception)`.
    pub message: String,
    /// The errno of an `OSError`.
    pub errno: Option<u32>,
    /// The lines that it came through, the innermost first.
    pub lines: Vec<u32>,
    /// The last line of the traceback.
    pub shown: String,
}

/// What followed Ctrl+C.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interrupted {
    /// How it ended then.
    pub ended: Ended,
    /// What it printed after that.
    pub stdout: String,
}

impl Ended {
    /// The exit status of the program, as a shell says it. `None` if it has none, because it runs or waits.
    #[must_use]
    pub fn status(&self) -> Option<i32> {
        match self {
            Self::Exit(status) => Some(*status),
            // Python ends itself with SIGINT then.
            Self::Exception(raised) if raised.class == "KeyboardInterrupt" => Some(128 + 2),
            Self::Exception(_) | Self::Syntax { .. } => Some(1),
            Self::Refused { .. } | Self::Blocked { .. } | Self::Spins { .. } | Self::NotStarted => {
                None
            }
        }
    }
}
