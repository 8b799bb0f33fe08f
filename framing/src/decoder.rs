//! Decodes the bytes on the wire into payloads. The bytes may arrive in chunks of any sizes.

use std::fmt;
use std::ops::Range;

use crate::{DEFAULT_MAX_PAYLOAD, HEADER_LEN, HeaderFormat};

/// An incremental decoder for one direction of one connection.
///
/// Give it each chunk as it arrives. It takes bytes from the chunk and returns whole messages.
///
/// **Memory.** If a message lies in one chunk, its payload is borrowed from the chunk and never copied.
/// If a message spans chunks, the decoder buffers the bytes that have arrived. It reserves memory only
/// for bytes that are there, whatever length the header declares. So [`buffered`](Self::buffered) is
/// never more than [`max_payload`](Self::max_payload).
///
/// **Errors are final.** After a bad header nobody knows where the next message begins. So the decoder
/// returns the same error again and takes no more bytes. Its [`offset`](Self::offset) stays at the end
/// of the bad header.
///
/// ```
/// use framescope_framing::{Decoder, HeaderFormat, Wanted};
///
/// let mut decoder = Decoder::new(HeaderFormat::LITTLE_SIGNED);
/// let mut chunk: &[u8] = b"\x05\x00\x00\x00he";
/// assert_eq!(decoder.decode(&mut chunk), Ok(None));
/// assert_eq!(decoder.wanted(), Wanted::Payload { declared: 5, have: 2 });
///
/// let mut chunk: &[u8] = b"llo\x05";
/// let message = decoder.decode(&mut chunk)?.expect("the payload is complete");
/// assert_eq!((message.offset, message.payload), (0, &b"hello"[..]));
/// assert_eq!(chunk, b"\x05"); // the next header's first byte is left for the next call
/// # Ok::<(), framescope_framing::DecodeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Decoder {
    format: HeaderFormat,
    max_payload: usize,
    /// Bytes taken since the start of the stream.
    offset: u64,
    state: State,
    /// The payload bytes of a message that is not complete. Cleared when the next message begins.
    partial: Vec<u8>,
}

#[derive(Clone, Debug)]
enum State {
    Header { bytes: [u8; HEADER_LEN], have: usize },
    Payload { declared: usize },
    Failed(DecodeError),
}

/// The largest buffer that a decoder keeps from one message that spans chunks to the next: 64 KiB.
const MAX_KEPT_CAPACITY: usize = 64 * 1024;

const AT_BOUNDARY: State = State::Header { bytes: [0; HEADER_LEN], have: 0 };

/// A message found in the stream. The payload is borrowed from the chunk or from the decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// The stream offset of the header's first byte.
    pub offset: u64,
    /// The payload. It may be empty.
    pub payload: &'a [u8],
}

impl Message<'_> {
    /// The stream offsets of the header's four bytes.
    #[must_use]
    pub fn header_range(&self) -> Range<u64> {
        self.offset..self.offset + HEADER_LEN as u64
    }

    /// The stream offsets of the payload.
    #[must_use]
    pub fn payload_range(&self) -> Range<u64> {
        let start = self.offset + HEADER_LEN as u64;
        start..start + self.payload.len() as u64
    }
}

/// What a decoder waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The rest of a header. `have` bytes of it (0 to 3) have arrived.
    Header {
        /// Header bytes that have arrived.
        have: usize,
    },
    /// The rest of a payload of `declared` bytes. `have` bytes of it have arrived.
    Payload {
        /// The length that the header declared, in bytes.
        declared: usize,
        /// Payload bytes that have arrived.
        have: usize,
    },
    /// Nothing: a bad header ended the decoding.
    Nothing,
}

impl Wanted {
    /// The number of bytes that are missing from the header or from the payload. A reader that must not
    /// read past the message asks `recv()` for this number.
    #[must_use]
    pub const fn missing(self) -> usize {
        match self {
            Self::Header { have } => HEADER_LEN - have,
            Self::Payload { declared, have } => declared - have,
            Self::Nothing => 0,
        }
    }
}

impl Decoder {
    /// A decoder at the start of a stream, with a limit of [`DEFAULT_MAX_PAYLOAD`].
    #[must_use]
    pub const fn new(format: HeaderFormat) -> Self {
        Self::with_max_payload(format, DEFAULT_MAX_PAYLOAD)
    }

    /// A decoder that refuses a header if it declares more than `max_payload` bytes.
    #[must_use]
    pub const fn with_max_payload(format: HeaderFormat, max_payload: usize) -> Self {
        Self { format, max_payload, offset: 0, state: AT_BOUNDARY, partial: Vec::new() }
    }

    /// Takes bytes from the front of `chunk` until a message is complete or the chunk is empty.
    ///
    /// Returns `Ok(None)` if `chunk` is empty and the message needs more bytes. Call it in a loop,
    /// because one chunk may hold many messages.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Negative`] and [`DecodeError::TooLong`], as soon as a header's fourth byte is
    /// taken. The bytes after it stay in `chunk`.
    #[inline]
    pub fn decode<'a, 'c: 'a>(
        &'a mut self,
        chunk: &mut &'c [u8],
    ) -> Result<Option<Message<'a>>, DecodeError> {
        // The common case: a whole message, and the decoder is between two messages. It is short, so
        // that it can be inlined.
        if let State::Header { have: 0, .. } = self.state
            && let Some((header, rest)) = chunk.split_first_chunk::<HEADER_LEN>()
            && let Ok(length) = usize::try_from(self.format.read(*header))
            && length <= self.max_payload
            && let Some((payload, rest)) = rest.split_at_checked(length)
        {
            let offset = self.offset;
            self.offset += (HEADER_LEN + length) as u64;
            *chunk = rest;
            return Ok(Some(Message { offset, payload }));
        }
        self.decode_in_pieces(chunk)
    }

    fn decode_in_pieces<'a, 'c: 'a>(
        &'a mut self,
        chunk: &mut &'c [u8],
    ) -> Result<Option<Message<'a>>, DecodeError> {
        if let State::Header { bytes, have } = &mut self.state {
            let piece = take(chunk, HEADER_LEN - *have);
            bytes[*have..*have + piece.len()].copy_from_slice(piece);
            *have += piece.len();
            self.offset += piece.len() as u64;
            if *have < HEADER_LEN {
                return Ok(None);
            }
            let number = self.format.read(*bytes);
            self.clear_partial();
            self.state = match self.accept(number) {
                Ok(declared) => State::Payload { declared },
                Err(error) => State::Failed(error),
            };
        }
        let declared = match &self.state {
            State::Failed(error) => return Err(error.clone()),
            State::Payload { declared } => *declared,
            State::Header { .. } => unreachable!("a complete header has changed the state above"),
        };
        let piece = take(chunk, declared - self.partial.len());
        self.offset += piece.len() as u64;
        let whole = piece.len() == declared;
        if !whole {
            self.keep(piece, declared);
            if self.partial.len() < declared {
                return Ok(None);
            }
        }
        self.state = AT_BOUNDARY;
        let offset = self.offset - (HEADER_LEN + declared) as u64;
        let payload = if whole { piece } else { &self.partial };
        Ok(Some(Message { offset, payload }))
    }

    /// Empties the buffer for the next message. Frees it if a large message made it large.
    fn clear_partial(&mut self) {
        if self.partial.capacity() > MAX_KEPT_CAPACITY {
            self.partial = Vec::new();
        } else {
            self.partial.clear();
        }
    }

    /// Buffers `piece` of the payload. The capacity doubles as bytes arrive, up to `declared`, which
    /// `accept` has checked.
    fn keep(&mut self, piece: &[u8], declared: usize) {
        let needed = self.partial.len() + piece.len();
        if needed > self.partial.capacity() {
            let capacity = needed.max(self.partial.capacity() * 2).min(declared);
            self.partial.reserve_exact(capacity - self.partial.len());
        }
        self.partial.extend_from_slice(piece);
    }

    fn accept(&self, number: i64) -> Result<usize, DecodeError> {
        let offset = self.offset - HEADER_LEN as u64;
        if number < 0 {
            return Err(DecodeError::Negative { declared: number, offset });
        }
        match usize::try_from(number) {
            Ok(length) if length <= self.max_payload => Ok(length),
            _ => Err(DecodeError::TooLong {
                declared: number.unsigned_abs(),
                limit: self.max_payload,
                offset,
            }),
        }
    }

    /// Checks that the stream may end here. Call it when the peer has closed.
    ///
    /// # Errors
    ///
    /// [`Truncated`] if the stream ended inside a message. Returns `Ok` after a decode error.
    pub const fn finish(&self) -> Result<(), Truncated> {
        match self.wanted() {
            Wanted::Header { have: 0 } | Wanted::Nothing => Ok(()),
            Wanted::Header { have } => Err(Truncated::Header { have }),
            Wanted::Payload { declared, have } => Err(Truncated::Payload { declared, have }),
        }
    }

    /// What the decoder waits for.
    #[must_use]
    pub const fn wanted(&self) -> Wanted {
        match &self.state {
            State::Header { have, .. } => Wanted::Header { have: *have },
            State::Payload { declared } => {
                Wanted::Payload { declared: *declared, have: self.partial.len() }
            }
            State::Failed(_) => Wanted::Nothing,
        }
    }

    /// The number of bytes of the stream that the decoder has taken.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// The capacity of the decoder's buffer, in bytes: at most [`max_payload`](Self::max_payload).
    #[must_use]
    pub const fn buffered(&self) -> usize {
        self.partial.capacity()
    }

    /// The longest payload, in bytes, that this decoder accepts.
    #[must_use]
    pub const fn max_payload(&self) -> usize {
        self.max_payload
    }

    /// The header format.
    #[must_use]
    pub const fn format(&self) -> HeaderFormat {
        self.format
    }
}

/// Splits at most `most` bytes off the front of `chunk`.
fn take<'c>(chunk: &mut &'c [u8], most: usize) -> &'c [u8] {
    let (piece, rest) = chunk.split_at(most.min(chunk.len()));
    *chunk = rest;
    piece
}

/// A bad header. No message of its stream can be decoded after it.
///
/// Exhaustive on purpose: code that shows a stream must say what each variant means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The number in a signed header is negative.
    Negative {
        /// The number in the header, -2³¹ to -1.
        declared: i64,
        /// The stream offset of the header's first byte.
        offset: u64,
    },
    /// The number in the header is over the decoder's limit.
    TooLong {
        /// The number in the header, in bytes.
        declared: u64,
        /// The decoder's limit, in bytes.
        limit: usize,
        /// The stream offset of the header's first byte.
        offset: u64,
    },
}

impl DecodeError {
    /// The stream offset of the bad header.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        match self {
            Self::Negative { offset, .. } | Self::TooLong { offset, .. } => *offset,
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Negative { declared, offset } => {
                write!(
                    f,
                    "the header at byte {offset} says {declared}, and no payload is shorter than 0 bytes"
                )
            }
            Self::TooLong { declared, limit, offset } => {
                write!(
                    f,
                    "the header at byte {offset} says {declared} bytes, over the limit of {limit}"
                )
            }
        }
    }
}

impl std::error::Error for DecodeError {}

/// The stream ended inside a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Truncated {
    /// It ended after `have` (1 to 3) of the header's 4 bytes.
    Header {
        /// Header bytes that arrived.
        have: usize,
    },
    /// It ended after `have` of the payload's `declared` bytes.
    Payload {
        /// The length that the header declared, in bytes.
        declared: usize,
        /// Payload bytes that arrived.
        have: usize,
    },
}

impl fmt::Display for Truncated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header { have } => {
                write!(f, "the stream ended inside a header: {have} of {HEADER_LEN} bytes arrived")
            }
            Self::Payload { declared, have } => {
                write!(f, "the stream ended inside a message: {have} of {declared} bytes arrived")
            }
        }
    }
}

impl std::error::Error for Truncated {}
