//! What has arrived of each flow, and what has been acknowledged of it, as far as segments tell.

use std::collections::BTreeMap;

use super::openings::Openings;
use super::segments::{SegmentHistory, Segments};
use crate::trace::{Event, EventKind, Fate};

/// The most segments of unknown connections that are kept. No run has as many: a hostile trace may.
const MAX_UNKNOWN: usize = 64;

/// What has arrived of one flow.
#[derive(Clone, Debug, Default)]
pub struct Arrivals {
    /// Where the bytes end that have arrived without a gap, and the index of the event since which they do.
    bytes: Vec<(usize, u64)>,
    /// The bytes that have arrived after a gap: where each part begins and ends.
    early: BTreeMap<u64, u64>,
    /// Where the stream ends, if the FIN has arrived.
    fin: Option<u64>,
    /// The index of the event at which all bytes and the FIN had arrived.
    ended: Option<usize>,
    /// How many bytes the sender knows to have arrived, and the index of the event since which it does.
    acknowledged: Vec<(usize, u64)>,
}

impl Arrivals {
    /// The offset up to which all bytes had arrived after `number` events.
    #[must_use]
    pub fn end(&self, number: usize) -> u64 {
        after(&self.bytes, number)
    }

    /// Whether the end of the stream had arrived after `number` events.
    #[must_use]
    pub fn has_end(&self, number: usize) -> bool {
        self.ended.is_some_and(|event| event < number)
    }

    /// The offset up to which the sender had an acknowledgement after `number` events.
    #[must_use]
    pub fn acknowledged(&self, number: usize) -> u64 {
        after(&self.acknowledged, number)
    }

    fn arrive(&mut self, event: usize, segment: &SegmentHistory) {
        let end = self.early.entry(segment.payload.start).or_default();
        *end = segment.payload.end.max(*end);
        let before = self.end(usize::MAX);
        let mut arrived = before;
        while let Some(first) = self.early.first_entry().filter(|first| *first.key() <= arrived) {
            arrived = arrived.max(first.remove());
        }
        if arrived > before {
            self.bytes.push((event, arrived));
        }
        if segment.is_last {
            self.fin = Some(segment.payload.end);
        }
        if self.fin.is_some_and(|fin| fin <= arrived) {
            self.ended.get_or_insert(event);
        }
    }

    fn acknowledge(&mut self, event: usize, end: u64) {
        if end > self.acknowledged(usize::MAX) {
            self.acknowledged.push((event, end));
        }
    }
}

/// The last of these offsets that was reached within `number` events.
fn after(reached: &[(usize, u64)], number: usize) -> u64 {
    let count = reached.partition_point(|(event, _)| *event < number);
    count.checked_sub(1).map_or(0, |last| reached[last].1)
}

/// What has arrived of all flows.
#[derive(Clone, Debug, Default)]
pub(super) struct AllArrivals {
    flows: Vec<Arrivals>,
    /// The segments that have arrived while nothing was known of their connection, and the indices of those events.
    unknown: Vec<(usize, usize)>,
}

impl AllArrivals {
    pub(super) fn of(&self, flow: usize) -> &Arrivals {
        static NONE: Arrivals = Arrivals {
            bytes: Vec::new(),
            early: BTreeMap::new(),
            fin: None,
            ended: None,
            acknowledged: Vec::new(),
        };
        self.flows.get(flow).unwrap_or(&NONE)
    }

    /// A connection has begun: it may be that of segments that have arrived before.
    pub(super) fn begin(&mut self, segments: &Segments, openings: &Openings) {
        for (index, number) in std::mem::take(&mut self.unknown) {
            self.arrive(index, number, segments, openings);
        }
    }

    pub(super) fn push(
        &mut self,
        index: usize,
        event: &Event,
        segments: &Segments,
        openings: &Openings,
    ) {
        if let EventKind::Fate(number, Fate::Delivered | Fate::Copied) = event.kind
            && let Ok(number) = usize::try_from(number)
        {
            self.arrive(index, number, segments, openings);
        }
    }

    fn arrive(&mut self, index: usize, number: usize, segments: &Segments, openings: &Openings) {
        // A trace that was read from a file may name any number.
        let Some(segment) = segments.all().get(number) else { return };
        let Some(flow) = openings.flow(number) else {
            if self.unknown.len() < MAX_UNKNOWN {
                self.unknown.push((index, number));
            }
            return;
        };
        let back = flow ^ 1;
        if self.flows.len() <= flow.max(back) {
            self.flows.resize_with(flow.max(back) + 1, Arrivals::default);
        }
        self.flows[flow].arrive(index, segment);
        // The SYN has the first number.
        if let Some(ack) = segment.ack {
            self.flows[back].acknowledge(index, ack.saturating_sub(1));
        }
    }
}
