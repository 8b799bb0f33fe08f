//! The bytes in the buffers of the kernels: what was sent and not acknowledged, and what has arrived and was not read.

use std::ops::Range;

use framescope_lab::Flow;
use framescope_record::Direction;

use crate::state::State;

/// What the buffers of a flow hold, as stream offsets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Buffers {
    /// Sent, and not acknowledged.
    pub(super) unacknowledged: Range<u64>,
    /// Arrived, and not read.
    pub(super) unread: Range<u64>,
    /// Whether the end of the stream has arrived, and was not read.
    pub(super) has_end: bool,
}

impl Buffers {
    /// Whether they hold nothing.
    pub(super) const fn are_empty(&self) -> bool {
        self.unacknowledged.start >= self.unacknowledged.end
            && self.unread.start >= self.unread.end
            && !self.has_end
    }
}

/// What the buffers of a flow hold after each of these numbers of events, which ascend.
pub(super) fn after(state: &State, flow: &Flow, numbers: &[usize]) -> Vec<Buffers> {
    let timeline = state.lab.shown_timeline();
    let (has_segments, arrivals) = (!timeline.segments().is_empty(), timeline.arrivals(flow));
    let after = numbers.iter().map(|number| {
        let moment = flow.record.moment(Some(*number));
        let (sent, read) = (moment.end(Direction::Sent), moment.end(Direction::Received));
        let is_closed = state.lab.is_receiver_closed(flow, Some(*number));
        let unread =
            |arrived: u64| if is_closed { 0..0 } else { read..arrived.min(sent).max(read) };
        if !has_segments {
            return Buffers { unread: unread(sent), ..Buffers::default() };
        }
        let is_gone = state.lab.is_sender_gone(flow, Some(*number));
        let acknowledged = if is_gone { sent } else { arrivals.acknowledged(*number).min(sent) };
        Buffers {
            unacknowledged: acknowledged..sent,
            // A trace that was read from a file may say that more has arrived than was sent.
            unread: unread(arrivals.end(*number)),
            has_end: arrivals.has_end(*number) && !moment.has_ended() && !is_closed,
        }
    });
    after.collect()
}
