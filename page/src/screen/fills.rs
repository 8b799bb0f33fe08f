//! The fills of bytes: those of one send or message are told apart from those of the next one.

use std::ops::Range;

use super::drawing::Fill;
use super::lanes::{Segment, SegmentKind};

/// Consecutive bytes with one fill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Their stream offsets.
    pub(super) range: Range<u64>,
    /// Their fill.
    pub(super) fill: Fill,
}

/// The fill of the payload with this number, or of the send if there are no headers.
pub(super) const fn by_turns(number: usize) -> Fill {
    if number.is_multiple_of(2) { Fill::Payload } else { Fill::Neighbour }
}

/// The pieces of a lane.
pub(super) fn pieces(lane: &[Segment]) -> Vec<Piece> {
    let pieces = lane.iter().map(|part| {
        let fill = match part.kind {
            SegmentKind::Header => Fill::Header,
            SegmentKind::Incomplete => Fill::Incomplete,
            SegmentKind::BadHeader | SegmentKind::Unread | SegmentKind::Misread => Fill::Error,
            SegmentKind::Chunk
            | SegmentKind::Payload
            | SegmentKind::Send
            | SegmentKind::Plain
            | SegmentKind::Waiting
            | SegmentKind::Asked => by_turns(part.number),
        };
        Piece { range: part.range.clone(), fill }
    });
    pieces.collect()
}
