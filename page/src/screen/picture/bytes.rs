//! The pieces of bytes that were sent.

use std::ops::Range;

use framescope_lab::Flow;
use framescope_record::Direction;

use crate::screen::fills::{self, Piece};
use crate::screen::lanes::{chunk_lane, message_lane};

/// The pieces of these bytes of a flow, which were sent: parts of headers and messages, or of sends if the flow has no
/// headers.
pub(super) fn pieces(flow: &Flow, range: &Range<u64>) -> Vec<Piece> {
    let sent = flow.record.stream(Direction::Sent);
    let lane = if flow.header.is_some() {
        message_lane(sent, Direction::Sent, range, sent.end())
    } else {
        chunk_lane(sent, Direction::Sent, range)
    };
    fills::pieces(&lane)
}
