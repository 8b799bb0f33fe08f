//! What relay and worker say to each other. The relay sends the lab's commands.

use framescope_lab::{MAX_COMMAND, MAX_REPORT, Report};
use serde::{Deserialize, Serialize};

/// The longest message to a worker, in bytes: one command.
pub const MAX_TO_WORKER: usize = MAX_COMMAND;

/// The longest message of a worker, in bytes: a report, and what kind of message it is.
pub(super) const MAX_FROM_WORKER: usize = MAX_REPORT + 1;

/// What a worker says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Said {
    /// Its limits are set, and it waits for a command. This is its first message, and comes once.
    Ready,
    /// It has begun to obey the next command. It is alive.
    Obeyed,
    /// Something has happened.
    Report(Report),
}
