//! What calls return, and why they fail.

use std::fmt;

use framescope_record::Data;
use serde::{Deserialize, Serialize};

use super::errno::Errno;

/// What a call returned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// Nothing: it is done.
    Nothing,
    /// Bytes from `recv`; none is the end of the stream.
    Bytes(Data),
    /// A message, or what a wrong reader took for one.
    Message(Data),
    /// `recv_message` at a clean end of the stream.
    EndOfStream,
    /// An error; the program ends here, as Python's would.
    Error(CallError),
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallError {
    /// A system call failed.
    Errno(Errno),
    /// `recv_naively` got fewer than four bytes: Python's `struct.error`.
    ShortHeader {
        /// How many it got.
        got: u8,
    },
    /// The stream ended in the middle of what was asked for.
    Truncated {
        /// How many bytes were missing.
        missing: u32,
    },
    /// A header below zero.
    Negative {
        /// The number in it.
        declared: i64,
    },
    /// A header over the limit.
    TooLong {
        /// The number in it.
        declared: u64,
        /// The limit, in bytes.
        limit: u32,
    },
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Errno(errno) => write!(f, "{errno}"),
            Self::ShortHeader { got } => {
                write!(f, "struct.error: unpack requires a buffer of 4 bytes, not {got}")
            }
            Self::Truncated { missing } => {
                write!(f, "the stream ended with {missing} bytes missing")
            }
            Self::Negative { declared } => write!(f, "the header says {declared}"),
            Self::TooLong { declared, limit } => {
                write!(f, "the header says {declared} bytes, over the limit of {limit}")
            }
        }
    }
}
