//! Why a runner has ended.

use std::io;

use super::mailbox::SessionGone;

/// Why a runner has ended.
#[derive(Debug)]
pub(super) enum Stopped {
    /// The session has ended.
    SessionGone,
    /// The first command was not to load an experiment.
    NothingLoaded,
    /// The system has no socket or thread for the experiment.
    Failed(io::Error),
}

impl From<SessionGone> for Stopped {
    fn from(_: SessionGone) -> Self {
        Self::SessionGone
    }
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}
