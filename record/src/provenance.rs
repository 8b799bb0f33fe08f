//! The chunks and the messages that a byte belongs to.

use std::ops::Range;

use crate::record::Direction;
use crate::stream::Stream;

/// A byte, a chunk or a message that the user can select.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// The direction whose stream it is in.
    pub direction: Direction,
    /// Which item it is.
    pub kind: ItemKind,
}

/// An item of a stream, by stream offset or by number from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// A byte, by its stream offset.
    Byte(u64),
    /// A chunk. In the sent direction, a send.
    Chunk(usize),
    /// A message.
    Message(usize),
}

/// The bytes of an item, and the chunks and messages that they belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The direction whose stream it is in.
    pub direction: Direction,
    /// The item's bytes, as stream offsets.
    pub bytes: Range<u64>,
    /// The numbers of the chunks that contain some of these bytes.
    pub chunks: Range<usize>,
    /// The numbers of the messages that contain some of these bytes.
    pub messages: Range<usize>,
}

impl Item {
    /// The provenance of the item in the first `end` bytes of its stream. `None` if these bytes do not
    /// contain the whole item, or if the stream has dropped it.
    #[must_use]
    pub fn provenance(self, stream: &Stream, end: u64) -> Option<Provenance> {
        let bytes = match self.kind {
            ItemKind::Byte(at) => at..at + 1,
            ItemKind::Chunk(number) => stream.chunk(number)?.range.clone(),
            ItemKind::Message(number) => stream.message(number)?.range(),
        };
        if bytes.start < stream.start() || bytes.end > end {
            return None;
        }
        let whole = stream.messages_until(end);
        let messages = stream.messages_in(&bytes);
        let messages = messages.start.min(whole.end)..messages.end.min(whole.end);
        let direction = self.direction;
        Some(Provenance { direction, chunks: stream.chunks_in(&bytes), messages, bytes })
    }
}

#[cfg(test)]
mod tests {
    use framescope_framing::{DEFAULT_MAX_PAYLOAD, HeaderFormat};

    use super::*;

    #[test]
    fn provenance_finds_the_chunks_and_the_messages_of_an_item() {
        let mut stream = Stream::new(HeaderFormat::LITTLE_SIGNED, DEFAULT_MAX_PAYLOAD);
        for chunk in b"\x02\0\0\0hi\x02\0\0\0yo".chunks(8) {
            stream.push(chunk, 0, 0);
        }
        let of = |kind, end| Item { direction: Direction::Received, kind }.provenance(&stream, end);
        let chunk = of(ItemKind::Chunk(0), 12).unwrap();
        assert_eq!((chunk.bytes, chunk.chunks, chunk.messages), (0..8, 0..1, 0..2));
        let message = of(ItemKind::Message(1), 12).unwrap();
        assert_eq!((message.bytes, message.chunks, message.messages), (6..12, 0..2, 1..2));
        let byte = of(ItemKind::Byte(4), 12).unwrap();
        assert_eq!((byte.bytes, byte.chunks, byte.messages), (4..5, 0..1, 0..1));
        // Before the second chunk arrived, the second message was not complete.
        assert_eq!(of(ItemKind::Chunk(0), 8).unwrap().messages, 0..1);
        assert_eq!(of(ItemKind::Message(1), 8), None);
        assert_eq!(of(ItemKind::Byte(12), 12), None);
    }
}
