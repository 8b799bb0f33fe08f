//! Where a byte came from and what became of it.

use std::ops::Range;

use crate::record::Direction;
use crate::stream::Stream;

/// A thing that can be pointed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// On which axis.
    pub direction: Direction,
    /// What.
    pub kind: ItemKind,
}

/// What is pointed at, by offset or by number from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// A byte, by its stream offset.
    Byte(u64),
    /// A chunk, or on the axis of what we sent, a send.
    Chunk(usize),
    /// A message.
    Message(usize),
}

/// All that belongs to an item, in every lane and list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// On which axis.
    pub direction: Direction,
    /// The item's bytes.
    pub bytes: Range<u64>,
    /// The chunks that have some of them.
    pub chunks: Range<usize>,
    /// The messages that have some of them.
    pub messages: Range<usize>,
}

impl Item {
    /// What belongs to the item, of the first `end` bytes of its stream; `None` where it is not,
    /// or not yet, or no longer there.
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
    fn a_byte_a_chunk_and_a_message_know_each_other() {
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
        // Before the second chunk came, the second message was not there.
        assert_eq!(of(ItemKind::Chunk(0), 8).unwrap().messages, 0..1);
        assert_eq!(of(ItemKind::Message(1), 8), None);
        assert_eq!(of(ItemKind::Byte(12), 12), None);
    }
}
