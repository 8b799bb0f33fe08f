//! Decides what becomes of each segment.

use std::collections::BTreeMap;

use framescope_lab::{Fate, Segment, WireAction, WireCommand, WireSetup};
use framescope_syscall::Address;

use super::connections::Connections;
use super::header::Header;
use super::rules::Rules;
use super::schedule::{Schedule, Travelling};

/// The most segments on the wire at once. One more that is sent is lost, and the trace says so. A copy that a command asks
/// for is not made.
pub const MAX_ON_WIRE: usize = 4096;
/// The most bytes of payload on the wire at once: 16 MiB.
pub const MAX_ON_WIRE_BYTES: usize = 16 << 20;

/// How long a segment that is to be reordered waits for another one, in microseconds.
const REORDER_US: u64 = 100_000;

/// Something that happened on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Crossed {
    /// A segment was sent.
    Sent(Segment),
    /// Something has become of a segment.
    Fate {
        /// Its number.
        number: u32,
        /// The address of its sender.
        from: Address,
        /// The address that it was sent to.
        to: Address,
        /// What has become of it.
        fate: Fate,
    },
}

impl Crossed {
    /// The address of the segment's sender, and the one that it was sent to.
    #[must_use]
    pub const fn ends(&self) -> (Address, Address) {
        match self {
            Self::Sent(segment) => (segment.from, segment.to),
            Self::Fate { from, to, .. } => (*from, *to),
        }
    }
}

/// The wire between all sockets of a run. `P` is what is delivered. Times are in microseconds.
#[derive(Clone, Debug)]
pub struct Wire<P> {
    connections: Connections,
    rules: Rules,
    latency_us: u64,
    schedule: Schedule<P>,
    /// By sender and receiver, the segment that is delivered after the next one.
    reordered: BTreeMap<(Address, Address), u32>,
    /// The number of the next segment.
    next: u32,
}

impl<P: Clone> Wire<P> {
    /// A wire without segments.
    #[must_use]
    pub fn new(setup: &WireSetup) -> Self {
        Self {
            connections: Connections::default(),
            rules: Rules::new(setup.rules.clone(), setup.seed),
            latency_us: setup.latency_us,
            schedule: Schedule::new(),
            reordered: BTreeMap::new(),
            next: 0,
        }
    }

    /// A segment is sent. Returns it as it stands in a trace, and what has become of it, if anything has yet.
    pub fn send(&mut self, now: u64, header: &Header, packet: P) -> (Crossed, Option<Crossed>) {
        let number = self.next;
        self.next += 1;
        let (segment, direction) = self.connections.follow(number, header);
        let length = header.length as usize;
        let (from, to) = (header.from, header.to);
        let one = Travelling { number, from, to, packet, length };
        let action = self.rules.decide(direction, header.class());
        let fate = self.begin(now, one, action);
        let fate = fate.map(|fate| Crossed::Fate { number, from, to, fate });
        (Crossed::Sent(segment), fate)
    }

    fn begin(&mut self, now: u64, one: Travelling<P>, action: Option<WireAction>) -> Option<Fate> {
        let copies = if action == Some(WireAction::Duplicate) { 2 } else { 1 };
        if !self.has_room(copies, one.length) {
            return Some(Fate::Overflowed);
        }
        let mut at = now.saturating_add(self.latency_us);
        let (number, way) = (one.number, (one.from, one.to));
        match action {
            None => self.schedule.add(at, one),
            Some(WireAction::Hold) => {
                self.schedule.hold(one);
                return Some(Fate::Held);
            }
            Some(WireAction::Drop) => return Some(Fate::Dropped),
            Some(WireAction::Delay(us)) => {
                at = at.saturating_add(us);
                self.schedule.add(at, one);
            }
            Some(WireAction::Duplicate) => {
                self.schedule.add(at, one.clone());
                self.schedule.add(at, one);
            }
            // The two change places.
            Some(WireAction::Reorder) if self.reordered.contains_key(&way) => {
                self.schedule.add(at, one);
            }
            Some(WireAction::Reorder) => {
                self.schedule.add(at.saturating_add(REORDER_US), one);
                self.reordered.insert(way, number);
                return None;
            }
        }
        let before = self.reordered.remove(&way);
        if let Some((_, before)) = before.and_then(|before| self.schedule.take(before)) {
            self.schedule.add(at, before);
        }
        None
    }

    /// Whether there is room for this number of segments of this length.
    fn has_room(&self, segments: usize, length: usize) -> bool {
        self.schedule.count() + segments <= MAX_ON_WIRE
            && self.schedule.bytes() + segments * length <= MAX_ON_WIRE_BYTES
    }

    /// When the next segment is delivered. `None` if none is until a command says so.
    #[must_use]
    pub fn next_delivery(&self) -> Option<u64> {
        self.schedule.next()
    }

    /// Whether anything is on the wire that will be delivered without a command.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        self.next_delivery().is_some()
    }

    /// Whether it keeps a segment until a command says what becomes of it.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.schedule.holds()
    }

    /// Takes the next segment that is to be delivered by now.
    pub fn deliver(&mut self, now: u64) -> Option<(P, Crossed)> {
        let one = self.schedule.take_due(now)?;
        let Travelling { number, from, to, packet, .. } = one;
        if self.reordered.get(&(from, to)) == Some(&number) {
            self.reordered.remove(&(from, to));
        }
        let fate = if self.schedule.keeps(number) { Fate::Copied } else { Fate::Delivered };
        Some((packet, Crossed::Fate { number, from, to, fate }))
    }

    /// Obeys a command. Returns what has become of segments by that.
    pub fn command(&mut self, now: u64, command: WireCommand) -> Option<Crossed> {
        match command {
            WireCommand::Rules(rules) => self.rules.replace(rules),
            WireCommand::Deliver(number) => {
                if let Some((_, one)) = self.schedule.take(number) {
                    self.schedule.add(now, one);
                }
            }
            WireCommand::DeliverAll => self.release(now),
            WireCommand::Drop(number) => {
                let (_, Travelling { number, from, to, .. }) = self.schedule.take(number)?;
                return Some(Crossed::Fate { number, from, to, fate: Fate::Dropped });
            }
            WireCommand::Delay(number, us) => {
                if let Some((at, one)) = self.schedule.take(number) {
                    self.schedule.add(at.unwrap_or(now).saturating_add(us), one);
                }
            }
            WireCommand::Duplicate(number) => {
                if let Some(copy) = self.schedule.copy(number)
                    && self.has_room(1, copy.length)
                {
                    self.schedule.add(now, copy);
                }
            }
        }
        None
    }

    /// Delivers all that are held, in the order in which they were sent.
    pub fn release(&mut self, now: u64) {
        for one in self.schedule.take_held() {
            self.schedule.add(now, one);
        }
    }
}
