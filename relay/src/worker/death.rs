//! How a worker has died.

use std::fmt;
#[cfg(unix)]
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

use framescope_protocol::EndReason;
#[cfg(unix)]
use rustix::process::Signal;

use super::limits::Limits;

/// What Rust's runtime prints before it aborts, if the system gives no more memory.
const OUT_OF_MEMORY: &str = "memory allocation of ";

/// How a worker has died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Death {
    /// It needed more memory than it may use.
    Memory {
        /// The limit, in bytes.
        limit: u64,
    },
    /// It needed more processor time than it may use.
    Processor {
        /// The limit, in seconds.
        limit: u64,
    },
    /// This signal ended it.
    Signal(i32),
    /// It ended itself with this status.
    Status(i32),
}

impl Death {
    /// The death of a worker with these limits, from its exit status and from what it wrote to standard error.
    #[cfg(unix)]
    pub(super) fn new(status: ExitStatus, stderr: &str, limits: &Limits) -> Self {
        match status.signal() {
            Some(signal) if signal == Signal::ABORT.as_raw() && stderr.contains(OUT_OF_MEMORY) => {
                Self::Memory { limit: limits.memory }
            }
            Some(signal) if signal == Signal::XCPU.as_raw() => {
                Self::Processor { limit: limits.cpu_seconds }
            }
            Some(signal) => Self::Signal(signal),
            None => Self::Status(status.code().unwrap_or(-1)),
        }
    }

    /// The same. Windows has no signals.
    #[cfg(windows)]
    pub(super) fn new(status: ExitStatus, stderr: &str, limits: &Limits) -> Self {
        match status.code() {
            Some(framescope_sys::OVER_PROCESSOR_TIME) => {
                Self::Processor { limit: limits.cpu_seconds }
            }
            Some(_) if stderr.contains(OUT_OF_MEMORY) => Self::Memory { limit: limits.memory },
            code => Self::Status(code.unwrap_or(-1)),
        }
    }
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory { limit } => {
                EndReason::WorkerMemory(&format!("{} MiB", limit >> 20)).fmt(f)
            }
            Self::Processor { limit } => EndReason::WorkerProcessor(&format!("{limit} s")).fmt(f),
            Self::Signal(signal) => EndReason::WorkerEnded(&format!("signal {signal}")).fmt(f),
            Self::Status(status) => EndReason::WorkerEnded(&format!("status {status}")).fmt(f),
        }
    }
}
