//! From a payload to the bytes on the wire.

use std::fmt;

use crate::{HEADER_LEN, HeaderFormat};

/// Appends a header and `payload` to `wire`: `HEADER_LEN + payload.len()` bytes.
///
/// Both in one buffer, so that a caller can hand them to the kernel in one `send()`: header and
/// payload in two sends meet Nagle's algorithm and the peer's delayed acknowledgement
/// (RFC 9293, section 3.7.4).
///
/// # Errors
///
/// [`EncodeError::TooLong`] where `format` cannot spell the length; `wire` is left as it was.
pub fn encode(format: HeaderFormat, payload: &[u8], wire: &mut Vec<u8>) -> Result<(), EncodeError> {
    let too_long = EncodeError::TooLong { length: payload.len(), limit: format.max_payload() };
    let length = i64::try_from(payload.len()).map_err(|_| too_long.clone())?;
    let header = format.write(length).ok_or(too_long)?;
    wire.reserve(HEADER_LEN + payload.len());
    wire.extend_from_slice(&header);
    wire.extend_from_slice(payload);
    Ok(())
}

/// Why a payload could not be encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeError {
    /// The payload is longer than the header format can spell.
    TooLong {
        /// The payload's length in bytes.
        length: usize,
        /// The longest payload, in bytes, that the format can spell.
        limit: u32,
    },
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { length, limit } => {
                write!(
                    f,
                    "a payload of {length} bytes is over {limit}, the most its header can say"
                )
            }
        }
    }
}

impl std::error::Error for EncodeError {}
