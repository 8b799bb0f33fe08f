//! The fills of bytes: those of one send or message are told apart from those of the next one.

use std::ops::Range;

use framescope_lab::Flow;
use framescope_record::Direction;

use super::shape::Fill;
use crate::screen::lanes::{SegmentKind, lanes};

/// Consecutive bytes with one fill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Their stream offsets.
    pub(super) range: Range<u64>,
    /// Their fill.
    pub(super) fill: Fill,
}

/// The pieces of these bytes of a flow, which were sent: parts of headers and messages, or of sends if the flow has no
/// headers.
pub(super) fn pieces(flow: &Flow, range: &Range<u64>) -> Vec<Piece> {
    let sent = flow.record.stream(Direction::Sent);
    let lanes = lanes(sent, Direction::Sent, range, sent.end());
    let parts = if flow.header.is_some() { &lanes.messages } else { &lanes.chunks };
    let parts = parts.iter().map(|part| {
        let by_turns = if part.number.is_multiple_of(2) { Fill::Payload } else { Fill::Neighbour };
        let fill = match part.kind {
            SegmentKind::Header => Fill::Header,
            SegmentKind::Incomplete => Fill::Incomplete,
            SegmentKind::BadHeader | SegmentKind::Unread | SegmentKind::Misread => Fill::Error,
            SegmentKind::Chunk
            | SegmentKind::Payload
            | SegmentKind::Send
            | SegmentKind::Plain
            | SegmentKind::Waiting => by_turns,
        };
        Piece { range: part.range.clone(), fill }
    });
    parts.collect()
}

/// A byte in one character: itself if it can be read, and a point if not.
pub(super) const fn letter(byte: u8) -> char {
    match byte {
        b' ' => '\u{2423}',
        b'!'..=b'~' => byte as char,
        _ => '·',
    }
}

/// Bytes as a short text: what can be read of them. Cut in the middle if there are more than `most`, which is at least 3.
pub(super) fn short_text(bytes: &[u8], most: usize) -> String {
    let shown = |character: char| {
        if character.is_control() || is_mark(character) { '·' } else { character }
    };
    let readable = |bytes: &[u8]| -> String {
        match std::str::from_utf8(bytes) {
            Ok(text) if !text.is_ascii() => text.chars().map(shown).collect(),
            Ok(_) | Err(_) => bytes.iter().map(|byte| letter(*byte)).collect(),
        }
    };
    if bytes.len() <= most {
        return readable(bytes);
    }
    let first = most / 2;
    let last = most - first - 1;
    format!("{}…{}", readable(&bytes[..first]), readable(&bytes[bytes.len() - last..]))
}

/// Whether a character changes the direction of the text around it.
const fn is_mark(character: char) -> bool {
    matches!(character, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_as_text_that_can_be_read() {
        assert_eq!(short_text(b"hello", 8), "hello");
        assert_eq!(short_text(b"a b\x00", 8), "a␣b·");
        assert_eq!(short_text("你好".as_bytes(), 8), "你好");
        assert_eq!(short_text("a\u{202e}é".as_bytes(), 8), "a·é");
        assert_eq!(short_text(b"abcdefghijkl", 8), "abcd…jkl");
    }
}
