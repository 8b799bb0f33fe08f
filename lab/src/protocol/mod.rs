//! What the page and the runner of its programs say to each other.
//!
//! What comes in and goes out: commands and reports, encoded. A command has every bound checked.
//!
//! May use: `encoding`, `experiment`, `trace`.

mod command;
mod report;

pub use command::{Command, CommandError, MAX_COMMAND, MAX_TYPED, SUBPROTOCOL, WireCommand};
pub use report::{CompileProblem, MAX_REPORT, MAX_TRACE, Report};
