//! Why a run cannot go on.

use std::io;

/// Why a run cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// A program cannot be started.
    #[error("{program} cannot be started: {error}")]
    Start {
        /// Its name.
        program: String,
        /// What the system answered.
        error: io::Error,
    },
    /// The system does not let its programs be traced, or has nothing left.
    #[error("programs cannot be watched here: {0}")]
    System(#[from] io::Error),
}
