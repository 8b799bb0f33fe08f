//! The values that calls return, and the errors.

use std::fmt;

use framescope_record::Data;
use serde::{Deserialize, Serialize};

use super::errno::Errno;

/// The value that a call returned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// The call succeeded and returns no value.
    Nothing,
    /// The bytes from `recv` or `recv_exactly`. Empty at the end of the stream.
    Bytes(Data),
    /// The payload of a message. From `recv_naively` it may be a wrong one.
    Message(Data),
    /// The end of the stream between two messages, from `recv_message` or `recv_naively`.
    EndOfStream,
    /// An error. It ends the program, as an exception in Python does.
    Error(CallError),
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallError {
    /// A system call failed.
    Errno(Errno),
    /// `recv_naively` got fewer than four bytes: Python's `struct.error`.
    ShortHeader {
        /// The number of bytes that it got.
        got: u8,
    },
    /// The stream ended before the call had all its bytes.
    Truncated {
        /// The number of bytes that were missing.
        missing: u32,
    },
    /// The number in a header is negative.
    Negative {
        /// The number in the header.
        declared: i64,
    },
    /// The number in a header is over the limit.
    TooLong {
        /// The number in the header.
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
