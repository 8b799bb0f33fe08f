//! Experiments whose programs are Python: what runs, what happened, and what page and runner say to each other.
//!
//! What comes in: the texts of programs, the events of a run, or a file of a trace. What goes out: an
//! [`Experiment`] and a [`Trace`] with every bound checked.
//!
//! May use: `trace`.

mod command;
mod event;
mod experiment;
mod outcome;
mod program;
mod report;
mod saved_trace;
mod socket;

pub use command::{Command, CommandError, MAX_COMMAND, MAX_TYPED, SUBPROTOCOL};
pub use event::{Event, EventKind, Frame, Output, Variable};
pub use experiment::{Experiment, MAX_ORDER, OutOfBounds, Turn, Until};
pub use outcome::{Ended, Exception, Interrupted};
pub use program::{
    MAX_ARGUMENTS, MAX_INPUT, MAX_NAME, MAX_PROGRAMS, MAX_TEXT, Program, Start, When,
};
pub use report::{CompileProblem, MAX_REPORT, MAX_TRACE, Report};
pub use saved_trace::{Trace, TraceError};
pub use socket::{Backlog, Socket};
