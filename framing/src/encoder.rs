//! Encodes a payload into the bytes on the wire.

use std::fmt;

use crate::{HEADER_LEN, HeaderFormat};

/// Appends a header and `payload` to `wire`: `HEADER_LEN + payload.len()` bytes.
///
/// Both are in one buffer, so that a caller can send them with one `send()`. With two sends, Nagle's
/// algorithm holds the payload until the peer's delayed acknowledgement arrives (RFC 9293,
/// section 3.7.4).
///
/// # Errors
///
/// [`EncodeError::TooLong`] if the length does not fit in a header of `format`. `wire` is unchanged
/// then.
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
    /// The payload's length does not fit in a header of this format.
    TooLong {
        /// The payload's length, in bytes.
        length: usize,
        /// The longest payload of the format, in bytes.
        limit: u32,
    },
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { length, limit } => {
                write!(
                    f,
                    "a payload of {length} bytes is over the limit of its header format, {limit}"
                )
            }
        }
    }
}

impl std::error::Error for EncodeError {}
