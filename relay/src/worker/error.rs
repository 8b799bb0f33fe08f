//! Why a worker is of no more use.

use framescope_protocol::EndReason;

use super::death::Death;

/// Why a worker is of no more use. The text is a sentence for the page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// The system starts no process.
    #[error("{}", EndReason::WorkerNotStarted(.0))]
    NotStarted(String),
    /// It has died.
    #[error("{0}")]
    Died(Death),
    /// It did not answer in time.
    #[error("{}", EndReason::WorkerSilent(&format!("{seconds} s")))]
    Silent {
        /// The time that it had, in seconds.
        seconds: u64,
    },
    /// What it sent is not a message.
    #[error("the worker sent something that is not a message")]
    NotAMessage,
    /// A message for it is too long. It was not sent, and the worker goes on.
    #[error("a message of {length} bytes for the worker is over the limit of {limit}")]
    TooLong {
        /// The length of the message, in bytes.
        length: usize,
        /// The limit, in bytes.
        limit: usize,
    },
}
