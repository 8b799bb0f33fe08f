//! The segments of a trace as outcomes read them.

use crate::timeline::{SegmentHistory, Segments};
use crate::trace::{EventKind, Fate, Segment, Trace};

/// A segment that was sent, and what became of it.
#[derive(Clone, Debug)]
pub(super) struct Sent<'a> {
    /// In microseconds.
    pub(super) at: u64,
    pub(super) segment: &'a Segment,
    pub(super) history: SegmentHistory,
}

impl Sent<'_> {
    /// Whether the wire has lost it.
    pub(super) fn is_lost(&self) -> bool {
        matches!(self.history.fate(usize::MAX), Some(Fate::Dropped | Fate::Overflowed))
    }

    /// Whether the client has sent it, and it has bytes.
    pub(super) const fn has_bytes_of_client(&self) -> bool {
        self.history.to_server && self.segment.length() > 0
    }

    /// Whether it was sent because another one was not acknowledged.
    pub(super) fn repeats(&self, other: &Self) -> bool {
        self.segment.repeats == Some(other.segment.number)
    }

    /// Whether it was sent before another one.
    pub(super) const fn is_before(&self, other: &Self) -> bool {
        self.history.event < other.history.event
    }
}

/// The segments of a trace, in the order in which they were sent.
pub(super) fn segments(trace: &Trace) -> Vec<Sent<'_>> {
    let mut segments = Segments::default();
    for (index, event) in trace.events.iter().enumerate() {
        segments.push(index, event);
    }
    let sent = segments.all().iter().filter_map(|history| {
        let event = trace.events.get(history.event)?;
        let EventKind::Segment(segment) = &event.kind else { return None };
        Some(Sent { at: event.at, segment, history: history.clone() })
    });
    sent.collect()
}
