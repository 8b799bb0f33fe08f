//! What the header finds in a stream: messages, and what stands after the last whole one.

use std::ops::Range;

use framescope_framing::{DecodeError, HEADER_LEN};

/// A message that the header framed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The header's four bytes.
    pub header: Range<u64>,
    /// The payload. It may be empty.
    pub payload: Range<u64>,
}

impl Message {
    /// The header and the payload.
    #[must_use]
    pub fn range(&self) -> Range<u64> {
        self.header.start..self.payload.end
    }
}

/// The bytes after the last complete message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rest {
    /// None: the stream ends between two messages.
    Nothing,
    /// The first bytes of a message that is not complete.
    Incomplete {
        /// The bytes that have arrived.
        range: Range<u64>,
        /// The length in the header, if the header is complete.
        declared: Option<usize>,
        /// The number of bytes that complete the header, or if it is complete, the message.
        missing: usize,
    },
    /// A bad header and all bytes after it.
    Broken {
        /// What is wrong with the header.
        error: DecodeError,
        /// The bytes from the header to the end of the stream.
        range: Range<u64>,
    },
}

impl Rest {
    /// The bytes of the header, and the bytes after it. The first range is empty if the header is not
    /// complete, or was dropped.
    #[must_use]
    pub fn header_and_payload(&self) -> (Range<u64>, Range<u64>) {
        let (range, header_end) = match self {
            Self::Nothing => return (0..0, 0..0),
            Self::Incomplete { range, declared: None, .. } => (range, range.start),
            Self::Incomplete { range, declared: Some(_), .. } => {
                (range, range.start + HEADER_LEN as u64)
            }
            Self::Broken { error, range } => (range, error.offset() + HEADER_LEN as u64),
        };
        let header_end = header_end.clamp(range.start, range.end);
        (range.start..header_end, header_end..range.end)
    }
}
