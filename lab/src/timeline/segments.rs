//! The segments of a trace, and what became of each.

use std::ops::Range;

use framescope_syscall::Address;

use super::small_map::SmallMap;
use crate::trace::{Event, EventKind, Fate, Flags};

/// A segment of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentHistory {
    /// The index of the event at which it was sent.
    pub event: usize,
    /// Whether the side that sent the first SYN has sent it.
    pub to_server: bool,
    /// By the addresses of its sender and its receiver.
    way: (Address, Address),
    /// The next number that its sender waits for.
    pub(super) ack: Option<u64>,
    /// Its payload, as stream offsets.
    pub(super) payload: Range<u64>,
    /// What it acknowledges, if that is more than what its sender has acknowledged before.
    pub new_ack: Option<u64>,
    /// Whether it has the flag FIN: no more bytes follow.
    pub(super) is_last: bool,
    /// What has become of it, with the indices of the events, in order.
    fates: Vec<(usize, Fate)>,
    /// Whether it was delivered once.
    is_delivered: bool,
    /// The index of the event at which it was delivered after one of its direction that was sent later.
    overtaken: Option<usize>,
}

impl SegmentHistory {
    /// What had become of it after `number` events. `None` if it was on its way.
    #[must_use]
    pub fn fate(&self, number: usize) -> Option<Fate> {
        let count = self.fates.partition_point(|(event, _)| *event < number);
        count.checked_sub(1).map(|last| self.fates[last].1)
    }

    /// Whether it was delivered more than once after `number` events.
    #[must_use]
    pub fn is_doubled(&self, number: usize) -> bool {
        self.deliveries().filter(|event| *event < number).count() > 1
    }

    /// Whether it was overtaken after `number` events: delivered after one of its direction that was sent later.
    #[must_use]
    pub fn is_overtaken(&self, number: usize) -> bool {
        self.overtaken.is_some_and(|event| event < number)
    }

    /// The indices of the events at which it was delivered: none, one, or for each copy one.
    pub fn deliveries(&self) -> impl Iterator<Item = usize> + '_ {
        let arrives = |fate: &Fate| matches!(fate, Fate::Delivered | Fate::Copied);
        let delivered = self.fates.iter().filter(move |(_, fate)| arrives(fate));
        delivered.map(|(event, _)| *event)
    }
}

/// The segments so far, by number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Segments {
    all: Vec<SegmentHistory>,
    /// By the addresses of both sides, the lower one first: the side that sent the first SYN.
    clients: SmallMap<(Address, Address), Address>,
    /// By the addresses of sender and receiver, the largest number of a segment that was delivered.
    delivered: SmallMap<(Address, Address), u32>,
    /// By the addresses of receiver and sender, the largest acknowledgement that was delivered.
    acknowledged: SmallMap<(Address, Address), u64>,
    /// By the addresses of sender and receiver, the largest acknowledgement that was sent.
    acknowledgement_sent: SmallMap<(Address, Address), u64>,
    /// How many the wire keeps.
    held: usize,
}

impl Segments {
    /// The segments, in the order in which they were sent.
    pub(crate) fn all(&self) -> &[SegmentHistory] {
        &self.all
    }

    /// How many segments the wire keeps.
    pub(super) const fn held(&self) -> usize {
        self.held
    }

    /// How many bytes of the socket with the first address the peer at the second one has acknowledged, as far as the
    /// socket knows. `None` if no segment has told.
    pub(super) fn acknowledged(&self, local: Address, peer: Address) -> Option<u64> {
        self.acknowledged.get((local, peer)).map(|ack| ack.saturating_sub(1))
    }

    pub(crate) fn push(&mut self, index: usize, event: &Event) {
        if let EventKind::Segment(segment) = &event.kind {
            let (from, to) = (segment.from, segment.to);
            let pair = (from.min(to), from.max(to));
            let begins = segment.flags.has(Flags::SYN) && !segment.flags.has(Flags::ACK);
            if begins && segment.repeats.is_none() {
                self.clients.insert(pair, from);
                self.acknowledged.remove((from, to));
                self.acknowledged.remove((to, from));
                self.acknowledgement_sent.remove((from, to));
                self.acknowledgement_sent.remove((to, from));
            }
            let before = self.acknowledgement_sent.get((from, to)).copied();
            if segment.ack > before {
                self.acknowledgement_sent.insert((from, to), segment.ack.unwrap_or_default());
            }
            let to_server = self.clients.get(pair).is_none_or(|client| *client == from);
            self.all.push(SegmentHistory {
                event: index,
                to_server,
                way: (from, to),
                ack: segment.ack,
                new_ack: segment.ack.filter(|_| segment.ack > before),
                payload: segment.payload.clone(),
                is_last: segment.flags.has(Flags::FIN),
                fates: Vec::new(),
                is_delivered: false,
                overtaken: None,
            });
        } else if let EventKind::Fate(number, fate) = &event.kind {
            // A trace that was read from a file may name any number.
            let segment = usize::try_from(*number).ok().and_then(|at| self.all.get_mut(at));
            let Some(segment) = segment else { return };
            let is_held = |fate: &Fate| matches!(fate, Fate::Held | Fate::Copied);
            self.held -= usize::from(segment.fates.last().is_some_and(|(_, last)| is_held(last)));
            self.held += usize::from(is_held(fate));
            segment.fates.push((index, *fate));
            let (from, to) = segment.way;
            let arrives = matches!(fate, Fate::Delivered | Fate::Copied);
            if arrives && !std::mem::replace(&mut segment.is_delivered, true) {
                let last = self.delivered.get((from, to)).copied().unwrap_or(0);
                if *number < last {
                    segment.overtaken = Some(index);
                }
                self.delivered.insert((from, to), last.max(*number));
            }
            if let (Fate::Delivered | Fate::Copied, Some(ack)) = (fate, segment.ack) {
                let before = self.acknowledged.get((to, from)).copied().unwrap_or(0);
                self.acknowledged.insert((to, from), before.max(ack));
            }
        }
    }
}
