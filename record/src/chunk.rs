//! What one `recv()` returned, or one `send()` was given.

use std::ops::Range;

/// The most bytes that one `recv()` asks for: 1 MiB.
pub const MAX_RECV: u32 = 1024 * 1024;

/// The bytes that one `recv()` returned, or that one `send()` was called with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Its bytes, as stream offsets.
    pub range: Range<u64>,
    /// The number of bytes that `recv()` asked for. For a send, the number that `send()` was called
    /// with.
    pub asked: u32,
    /// Microseconds since the record began.
    pub at: u64,
}
