//! The bytes in the buffers of the kernels: what was sent and not acknowledged, and what has arrived and was not read.

use std::collections::BTreeMap;
use std::ops::Range;

use framescope_lab::{EventKind, Flags, Flow, Segment};
use framescope_record::Direction;

use super::sketch::is_same;
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

/// What a segment changes when it arrives.
enum Arrival {
    Bytes(Range<u64>),
    End,
    Acknowledged(u64),
}

/// What the buffers of a flow hold after each of these numbers of events, which ascend.
pub(super) fn after(state: &State, flow: &Flow, numbers: &[usize]) -> Vec<Buffers> {
    let mut arrivals = arrivals(state, flow).into_iter().peekable();
    let has_segments = !state.lab.timeline.segments().is_empty();
    let (mut arrived, mut acknowledged, mut has_end) = (0, 0, false);
    // What has arrived after a gap.
    let mut early: BTreeMap<u64, u64> = BTreeMap::new();
    let after = numbers.iter().map(|number| {
        while let Some((_, arrival)) = arrivals.next_if(|(event, _)| event < number) {
            match arrival {
                Arrival::Bytes(bytes) => {
                    let end = early.entry(bytes.start).or_default();
                    *end = bytes.end.max(*end);
                    while let Some(first) =
                        early.first_entry().filter(|first| *first.key() <= arrived)
                    {
                        arrived = arrived.max(first.remove());
                    }
                }
                Arrival::End => has_end = true,
                Arrival::Acknowledged(ack) => acknowledged = acknowledged.max(ack),
            }
        }
        let moment = flow.record.moment(Some(*number));
        let (sent, read) = (moment.end(Direction::Sent), moment.end(Direction::Received));
        let is_closed = state.lab.is_receiver_closed(flow, Some(*number));
        let unread =
            |arrived: u64| if is_closed { 0..0 } else { read..arrived.min(sent).max(read) };
        if !has_segments {
            return Buffers { unread: unread(sent), ..Buffers::default() };
        }
        Buffers {
            unacknowledged: acknowledged.min(sent)..sent,
            // A trace that was read from a file may say that more has arrived than was sent.
            unread: unread(arrived),
            has_end: has_end && !moment.has_ended() && !is_closed,
        }
    });
    after.collect()
}

/// What arrives for a flow and for its acknowledgements, in order, with the index of each event.
fn arrivals(state: &State, flow: &Flow) -> Vec<(usize, Arrival)> {
    let timeline = &state.lab.timeline;
    let mut arrivals = Vec::new();
    for history in timeline.segments() {
        let Some(EventKind::Segment(segment)) =
            state.lab.trace.events.get(history.event).map(|event| &event.kind)
        else {
            continue;
        };
        let Some(of) = timeline.flow_of(segment).filter(|of| of.connection == flow.connection)
        else {
            continue;
        };
        for event in history.deliveries() {
            if is_same(of, flow) {
                arrivals.push((event, Arrival::Bytes(segment.payload.clone())));
                if segment.flags.has(Flags::FIN) {
                    arrivals.push((event, Arrival::End));
                }
            } else if let Some(ack) = acknowledged(segment) {
                arrivals.push((event, Arrival::Acknowledged(ack)));
            }
        }
    }
    arrivals.sort_by_key(|(event, _)| *event);
    arrivals
}

/// The number of bytes that a segment acknowledges: the SYN has the first number.
const fn acknowledged(segment: &Segment) -> Option<u64> {
    match segment.ack {
        Some(ack) => Some(ack.saturating_sub(1)),
        None => None,
    }
}
