//! The log of a shared class is out of reach.

use crate::session_end::SessionEnd;

/// The log cannot be reached. Nobody knows whether it has the entry.
#[derive(Debug, thiserror::Error)]
#[error("the log of the class cannot be reached")]
pub(super) struct LogLost;

impl From<LogLost> for SessionEnd {
    fn from(LogLost: LogLost) -> Self {
        Self::ClassLogLost
    }
}

/// The log is no longer that of the class: NATS has lost it, or has removed it after a day.
#[derive(Debug)]
pub(super) struct LogGone;
