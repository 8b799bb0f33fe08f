//! From the bytes on the wire back to payloads, however the network cut them.

use std::fmt;
use std::ops::Range;

use crate::{DEFAULT_MAX_PAYLOAD, HEADER_LEN, HeaderFormat};

/// An incremental decoder for one direction of one connection.
///
/// Feed it each chunk as it arrived; it takes what it can and hands out whole messages.
///
/// **Memory.** A message that lies whole in one chunk is borrowed from it and never copied. Of a
/// message that spans chunks the decoder keeps what has arrived, and room is reserved only for
/// bytes that are there: whatever a header claims, [`buffered`](Self::buffered) never passes
/// [`max_payload`](Self::max_payload).
///
/// **Errors are final.** After a bad header there is no telling where the next message begins, so
/// the decoder repeats the error, takes no more bytes, and keeps its [`offset`](Self::offset) at
/// the end of the header that it could not accept.
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
/// assert_eq!(chunk, b"\x05"); // the next header's first byte is still ours to feed
/// # Ok::<(), framescope_framing::DecodeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Decoder {
    format: HeaderFormat,
    max_payload: usize,
    /// Bytes taken since the start of the stream.
    offset: u64,
    state: State,
    /// The payload bytes of the message under way; cleared when the next one begins.
    partial: Vec<u8>,
}

#[derive(Clone, Debug)]
enum State {
    Header { bytes: [u8; HEADER_LEN], have: usize },
    Payload { declared: usize },
    Failed(DecodeError),
}

/// How many bytes of room, 64 KiB, a decoder keeps from one message that spans chunks to the next.
const KEPT_CAPACITY: usize = 64 * 1024;

const AT_BOUNDARY: State = State::Header { bytes: [0; HEADER_LEN], have: 0 };

/// A message found in the stream. The payload is borrowed from the chunk or from the decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// The stream offset of the header's first byte.
    pub offset: u64,
    /// What the header framed; may be empty.
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
    /// The rest of a header, of which `have` bytes (0 to 3) are there.
    Header {
        /// Header bytes that have arrived.
        have: usize,
    },
    /// The rest of a payload of `declared` bytes, of which `have` are there.
    Payload {
        /// The length that the header gave, in bytes.
        declared: usize,
        /// Payload bytes that have arrived.
        have: usize,
    },
    /// Nothing: the stream could not be decoded any further.
    Nothing,
}

impl Wanted {
    /// How many bytes are missing before the decoder can take its next step: what a reader that
    /// wants exactly one message would ask `recv()` for.
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

    /// A decoder that refuses headers which declare more than `max_payload` bytes.
    #[must_use]
    pub const fn with_max_payload(format: HeaderFormat, max_payload: usize) -> Self {
        Self { format, max_payload, offset: 0, state: AT_BOUNDARY, partial: Vec::new() }
    }

    /// Takes bytes from the front of `chunk` until a message is complete or the chunk is empty.
    ///
    /// Returns `Ok(None)` when `chunk` is used up and the message under way needs more; call it in
    /// a loop, because one chunk may hold many messages.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Negative`] and [`DecodeError::TooLong`] as soon as a header's fourth byte is
    /// seen; the bytes behind it stay in `chunk`.
    #[inline]
    pub fn decode<'a, 'c: 'a>(
        &'a mut self,
        chunk: &mut &'c [u8],
    ) -> Result<Option<Message<'a>>, DecodeError> {
        // The common case, a whole message at a boundary, is kept small enough to be inlined.
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
            self.forget_partial();
            self.state = match self.accept(number) {
                Ok(declared) => State::Payload { declared },
                Err(error) => State::Failed(error),
            };
        }
        let declared = match &self.state {
            State::Failed(error) => return Err(error.clone()),
            State::Payload { declared } => *declared,
            State::Header { .. } => unreachable!("a complete header was replaced above"),
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

    /// Makes room for the next message, and gives back what a large one needed.
    fn forget_partial(&mut self) {
        if self.partial.capacity() > KEPT_CAPACITY {
            self.partial = Vec::new();
        } else {
            self.partial.clear();
        }
    }

    /// Keeps `piece` of the payload under way. Capacity doubles with what has arrived and stops at
    /// what was declared, which `accept` has checked.
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

    /// Says whether the stream may end here: call it when the peer has closed.
    ///
    /// # Errors
    ///
    /// [`Truncated`] where the end cuts a message. After a decode error the end is no second one.
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

    /// How many bytes of the stream the decoder has taken.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// How many payload bytes the decoder holds room for: at most [`max_payload`](Self::max_payload).
    #[must_use]
    pub const fn buffered(&self) -> usize {
        self.partial.capacity()
    }

    /// The longest payload, in bytes, that this decoder accepts.
    #[must_use]
    pub const fn max_payload(&self) -> usize {
        self.max_payload
    }

    /// How this decoder reads headers.
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

/// A header that cannot be the start of a message. Final for its stream.
///
/// Exhaustive on purpose: whoever shows a stream says what each of them means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// A signed header below zero.
    Negative {
        /// The number in the header, -2³¹ to -1.
        declared: i64,
        /// The stream offset of the header's first byte.
        offset: u64,
    },
    /// A header over the decoder's limit.
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
    /// The stream offset of the header that could not be accepted.
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
    /// After `have` (1 to 3) of the header's 4 bytes.
    Header {
        /// Header bytes that arrived.
        have: usize,
    },
    /// After `have` of the payload's `declared` bytes.
    Payload {
        /// The length that the header gave, in bytes.
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
