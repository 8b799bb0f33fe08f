//! The 4-byte length header that turns TCP's byte stream back into messages.
//!
//! TCP carries bytes, not messages: three sends may arrive in one `recv()`, and one send in three.
//! So the sender writes the length of each payload before the payload, and the receiver reads until it
//! has that number of bytes.
//!
//! ```text
//!  stream offset  0       1       2       3       4                    4 + n
//!                 +-------+-------+-------+-------+----- - - - - ------+-- - -
//!                 |  n, the payload's length      |  payload, n bytes  |  next header
//!                 +-------+-------+-------+-------+----- - - - - ------+-- - -
//!  "<i", n = 5      05      00      00      00      68 65 6c 6c 6f "hello"
//!  "!I", n = 5      00      00      00      05      68 65 6c 6c 6f "hello"
//! ```
//!
//! The length counts the payload and not the header. `n = 0` is a message too. A [`HeaderFormat`] is
//! the byte order and the signedness of the header, in the notation of Python's `struct` module.
//!
//! This crate does no I/O, reads no clock and keeps no log: bytes go in, messages come out.
//!
//! May use: nothing.
//!
//! ```
//! use framescope_framing::{Decoder, HeaderFormat, encode};
//!
//! let format: HeaderFormat = "<i".parse()?;
//! let mut stream = Vec::new();
//! for text in ["hello", "world"] {
//!     encode(format, text.as_bytes(), &mut stream)?;
//! }
//!
//! // The network may cut the stream anywhere: here in the middle of the second header.
//! let mut decoder = Decoder::new(format);
//! let mut messages = Vec::new();
//! for mut chunk in [&stream[..11], &stream[11..]] {
//!     while let Some(message) = decoder.decode(&mut chunk)? {
//!         messages.push(String::from_utf8_lossy(message.payload).into_owned());
//!     }
//! }
//! assert_eq!(messages, ["hello", "world"]);
//! assert_eq!(decoder.finish(), Ok(())); // the stream ended between two messages
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod decoder;
mod encoder;
mod header_format;
#[cfg(feature = "serde")]
mod serde;

pub use decoder::{DecodeError, Decoder, Message, Truncated, Wanted};
pub use encoder::{EncodeError, encode};
pub use header_format::{HeaderFormat, ParseHeaderFormatError};

/// The size of a header on the wire, in bytes.
pub const HEADER_LEN: usize = 4;

/// The number of bytes on the wire of a payload of `length` bytes.
#[must_use]
pub const fn framed_len(length: usize) -> usize {
    HEADER_LEN + length
}

/// The longest payload that a [`Decoder`] accepts by default, in bytes: 1 MiB.
pub const DEFAULT_MAX_PAYLOAD: usize = 1024 * 1024;
