//! The fills of bytes: those of one send or message are told apart from those of the next one.

use std::ops::Range;

use framescope_lab::Flow;
use framescope_record::Direction;

use crate::screen::drawing::Fill;
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
