//! The frames of a client, RFC 6455, section 5. Bytes that were read from its socket go in; messages and
//! control frames come out. Sans-I/O.
//!
//! ```text
//! | header | masked payload | header | masked payl      one read from the socket
//!            ^ whole: unmasked in place, and lent
//!                                      ^ a part: kept until the rest has come, or of a long message lent too
//! ```
//!
//! tungstenite reads the headers. Its reader of whole messages is not used here: it has a buffer for each
//! session, and copies every message out of it.

#[cfg(test)]
mod tests;

use std::io::Cursor;
use std::mem;

use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Control, Data, OpCode};

use crate::session_end::SessionEnd;

/// The longest header of a client's frame, in bytes: two, a length of eight, a mask of four.
const MAX_HEADER: usize = 14;

/// The longest message that is kept until the whole of it has come, in bytes. So a message of this length is one
/// write to the target, and a longer one costs no memory.
pub(super) const MAX_WHOLE: usize = 16 * 1024;

/// The longest payload of a control frame, in bytes: RFC 6455, section 5.5.
const MAX_CONTROL: usize = 125;

/// What a client sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Received<'a> {
    /// The payload of a binary message, or a part of a long one.
    Message(&'a [u8]),
    /// To be answered with a pong of the same payload.
    Ping(&'a [u8]),
    Pong,
    /// To be answered with a close of the same payload: a code and a reason, or nothing. What comes after it
    /// does not count.
    Close(&'a [u8]),
}

/// Takes a client's frames apart.
#[derive(Debug)]
pub(super) struct FrameReader {
    /// The longest message, in bytes.
    max_message: usize,
    /// The part of a header that has come: its bytes, and their number.
    header: ([u8; MAX_HEADER], usize),
    /// The frame whose payload has not come, or not all of it.
    frame: Option<Frame>,
    /// The part of a message that has come, unmasked.
    message: Vec<u8>,
    /// How long the message is so far, with the rest of its frame, in bytes.
    length: usize,
    /// The part of a control frame's payload that has come, unmasked.
    control: Vec<u8>,
    /// Fragments of a message have come, but not its last.
    is_fragmented: bool,
    lent: Lent,
}

/// Which of the kept payloads was whole and was handed out. It is cleared at the next call.
#[derive(Debug)]
enum Lent {
    Nothing,
    Message,
    Control,
}

/// A frame whose header has come and is good.
#[derive(Clone, Copy, Debug)]
struct Frame {
    opcode: OpCode,
    is_final: bool,
    /// Rotated, so that its first byte is for the next byte of the payload.
    mask: [u8; 4],
    /// Bytes of payload that are still to come.
    left: usize,
}

impl FrameReader {
    /// Refuses a message over `max_message` bytes when it sees the header of the frame that makes it too long,
    /// before any payload of that frame is kept.
    pub(super) const fn new(max_message: usize) -> Self {
        Self {
            max_message,
            header: ([0; MAX_HEADER], 0),
            frame: None,
            message: Vec::new(),
            length: 0,
            control: Vec::new(),
            is_fragmented: false,
            lent: Lent::Nothing,
        }
    }

    /// Returns the next message, part of a long message, or control frame in `input`, and moves `input` past it.
    /// `None`: the input is used up and more is needed. At most [`MAX_WHOLE`] bytes of a message and one control
    /// frame's payload are kept meanwhile.
    ///
    /// # Errors
    ///
    /// [`FrameError`] is final: after it nobody can tell where the next frame begins.
    #[expect(clippy::mut_mut, reason = "the input is moved on, as reading from `&mut &[u8]` does")]
    pub(super) fn decode<'a, 'i: 'a>(
        &'a mut self,
        input: &mut &'i mut [u8],
    ) -> Result<Option<Received<'a>>, FrameError> {
        match mem::replace(&mut self.lent, Lent::Nothing) {
            Lent::Nothing => {}
            Lent::Message => self.message.clear(),
            Lent::Control => self.control.clear(),
        }
        loop {
            let mut frame = match self.frame.take() {
                Some(frame) => frame,
                None => match self.header(input)? {
                    Some(frame) => frame,
                    None => return Ok(None),
                },
            };
            let came = frame.left.min(input.len());
            let (payload, rest) = mem::take(input).split_at_mut(came);
            *input = rest;
            unmask(payload, frame.mask);
            frame.left -= came;
            frame.mask.rotate_left(came % 4);
            let has_all = frame.left == 0;
            let is_end = has_all && frame.is_final;
            let is_long = matches!(frame.opcode, OpCode::Data(_)) && self.length > MAX_WHOLE;
            let kept = match frame.opcode {
                OpCode::Data(_) => &mut self.message,
                OpCode::Control(_) => &mut self.control,
            };
            let is_nothing = kept.is_empty() && payload.is_empty() && !is_end;
            let is_lent = (is_end || is_long) && !is_nothing;
            let is_kept = !is_lent || !kept.is_empty();
            if is_kept {
                kept.extend_from_slice(payload);
            }
            if !has_all {
                self.frame = Some(frame);
            }
            if let OpCode::Data(_) = frame.opcode
                && has_all
            {
                self.is_fragmented = !frame.is_final;
                self.length = if frame.is_final { 0 } else { self.length };
            }
            if !is_lent {
                if has_all {
                    continue;
                }
                return Ok(None);
            }
            return match frame.opcode {
                OpCode::Control(kind) if is_kept => {
                    self.lent = Lent::Control;
                    control(kind, &self.control).map(Some)
                }
                OpCode::Control(kind) => control(kind, payload).map(Some),
                OpCode::Data(_) if is_kept => {
                    self.lent = Lent::Message;
                    Ok(Some(Received::Message(&self.message)))
                }
                OpCode::Data(_) => Ok(Some(Received::Message(payload))),
            };
        }
    }

    /// Reads the next header in `input`, and moves `input` past it.
    #[expect(clippy::mut_mut, reason = "see `decode`")]
    fn header(&mut self, input: &mut &mut [u8]) -> Result<Option<Frame>, FrameError> {
        let (bytes, had) = &mut self.header;
        let parsed = if *had == 0 {
            parse(input)?
        } else {
            let came = input.len().min(MAX_HEADER - *had);
            bytes[*had..*had + came].copy_from_slice(&input[..came]);
            parse(&bytes[..*had + came])?
        };
        let Some((header, length, end)) = parsed else {
            // An incomplete header is shorter than the longest one, so it fits.
            let came = mem::take(input);
            bytes[*had..*had + came.len()].copy_from_slice(came);
            *had += came.len();
            return Ok(None);
        };
        *input = &mut mem::take(input)[end - *had..];
        *had = 0;
        self.check(&header, length).map(Some)
    }

    /// Refuses a frame that no client may send now.
    fn check(&mut self, header: &FrameHeader, length: u64) -> Result<Frame, FrameError> {
        let mask = header.mask.ok_or(FrameError::NotMasked)?;
        if header.rsv1 || header.rsv2 || header.rsv3 {
            return Err(FrameError::ReservedBits);
        }
        let limit = self.max_message;
        let (most, too_long) = match header.opcode {
            OpCode::Control(_) if header.is_final => (MAX_CONTROL, FrameError::LongControl),
            OpCode::Control(_) => return Err(FrameError::FragmentedControl),
            OpCode::Data(Data::Continue) if self.is_fragmented => {
                (limit - self.length, FrameError::TooLong { limit })
            }
            OpCode::Data(Data::Continue) => return Err(FrameError::ContinuesNothing),
            OpCode::Data(_) if self.is_fragmented => return Err(FrameError::MessageInMessage),
            OpCode::Data(Data::Text) => return Err(FrameError::Text),
            OpCode::Data(_) => (limit, FrameError::TooLong { limit }),
        };
        let left = usize::try_from(length).ok().filter(|left| *left <= most).ok_or(too_long)?;
        if let OpCode::Data(_) = header.opcode {
            self.length += left;
        }
        Ok(Frame { opcode: header.opcode, is_final: header.is_final, mask, left })
    }

    /// Frees the memory of messages that came in parts, if none is under way.
    pub(super) fn shrink(&mut self) {
        if matches!(self.lent, Lent::Message) {
            self.lent = Lent::Nothing;
            self.message.clear();
        }
        if self.message.is_empty() {
            self.message = Vec::new();
        }
    }
}

/// The header at the beginning of `bytes`, the payload's length, and where the payload begins.
fn parse(bytes: &[u8]) -> Result<Option<(FrameHeader, u64, usize)>, FrameError> {
    let mut cursor = Cursor::new(bytes);
    // Nothing else can be wrong with a header alone.
    let parsed = FrameHeader::parse(&mut cursor).map_err(|_| FrameError::UnknownOpcode)?;
    let end = usize::try_from(cursor.position()).expect("it is within the bytes");
    Ok(parsed.map(|(header, length)| (header, length, end)))
}

/// RFC 6455, section 5.3. Eight bytes at a time: a multiple of the mask's length.
fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, rest) = payload.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
}

/// What a control frame says.
fn control(kind: Control, payload: &[u8]) -> Result<Received<'_>, FrameError> {
    match kind {
        Control::Ping => Ok(Received::Ping(payload)),
        Control::Pong => Ok(Received::Pong),
        Control::Close => {
            // Section 5.5.1: nothing, or a code of two bytes and a reason.
            if let Some((code, reason)) = payload.split_first_chunk() {
                std::str::from_utf8(reason).map_err(|_| FrameError::BadCloseReason)?;
                if !CloseCode::from(u16::from_be_bytes(*code)).is_allowed() {
                    return Err(FrameError::BadClose);
                }
            } else if !payload.is_empty() {
                return Err(FrameError::BadClose);
            }
            Ok(Received::Close(payload))
        }
        Control::Reserved(_) => Err(FrameError::UnknownOpcode),
    }
}

/// How the limit of [`FrameError::TooLong`] is raised.
const RAISE: &str = "; --max-client-message raises it";

/// What no client may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum FrameError {
    #[error("a reserved bit is set")]
    ReservedBits,
    #[error("an opcode is not known")]
    UnknownOpcode,
    #[error("a frame is not masked")]
    NotMasked,
    #[error("a control frame is in fragments")]
    FragmentedControl,
    #[error("a control frame is over {MAX_CONTROL} bytes long")]
    LongControl,
    #[error("a fragment continues no message")]
    ContinuesNothing,
    #[error("a message begins before the one in fragments has ended")]
    MessageInMessage,
    #[error("a close frame has no code that may be sent")]
    BadClose,
    #[error("the reason of a close is not UTF-8")]
    BadCloseReason,
    #[error("a text message")]
    Text,
    #[error("a message over the limit of {limit} bytes")]
    TooLong { limit: usize },
}

impl From<FrameError> for SessionEnd {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::Text => Self::ClientSentText,
            FrameError::BadCloseReason => Self::ClientSentBadText,
            FrameError::TooLong { limit } => Self::ClientSentTooMuch { limit, raise: RAISE },
            broken @ (FrameError::ReservedBits
            | FrameError::UnknownOpcode
            | FrameError::NotMasked
            | FrameError::FragmentedControl
            | FrameError::LongControl
            | FrameError::ContinuesNothing
            | FrameError::MessageInMessage
            | FrameError::BadClose) => Self::ClientBrokeProtocol(broken.to_string()),
        }
    }
}
