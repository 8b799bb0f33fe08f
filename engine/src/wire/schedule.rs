//! The segments that are on the wire, and when each is delivered.

use std::collections::BTreeMap;

use framescope_syscall::Address;

/// A segment that is on the wire.
#[derive(Clone, Debug)]
pub(super) struct Travelling<P> {
    pub(super) number: u32,
    pub(super) from: Address,
    pub(super) to: Address,
    /// What is delivered.
    pub(super) packet: P,
    /// Its length, in bytes.
    pub(super) length: usize,
}

/// When a segment is delivered: at a time in microseconds, and among those of one time in their order.
type Due = (u64, u64);

/// The segments that are on the wire.
#[derive(Clone, Debug)]
pub(super) struct Schedule<P> {
    /// Those that will be delivered.
    due: BTreeMap<Due, Travelling<P>>,
    /// Those that are kept, by their numbers.
    held: BTreeMap<u32, Travelling<P>>,
    /// Counts what was scheduled.
    order: u64,
    bytes: usize,
}

impl<P: Clone> Schedule<P> {
    pub(super) const fn new() -> Self {
        Self { due: BTreeMap::new(), held: BTreeMap::new(), order: 0, bytes: 0 }
    }

    /// How many segments are on the wire.
    pub(super) fn count(&self) -> usize {
        self.due.len() + self.held.len()
    }

    /// Whether any is kept.
    pub(super) fn holds(&self) -> bool {
        !self.held.is_empty()
    }

    /// Whether this one is kept.
    pub(super) fn keeps(&self, number: u32) -> bool {
        self.held.contains_key(&number)
    }

    /// The length of all that are on the wire, in bytes.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn hold(&mut self, one: Travelling<P>) {
        self.bytes += one.length;
        self.held.insert(one.number, one);
    }

    pub(super) fn add(&mut self, at: u64, one: Travelling<P>) {
        self.bytes += one.length;
        self.due.insert((at, self.order), one);
        self.order += 1;
    }

    /// When the next one is delivered.
    pub(super) fn next(&self) -> Option<u64> {
        self.due.keys().next().map(|(at, _)| *at)
    }

    /// Takes the next one that is to be delivered by `now`.
    pub(super) fn take_due(&mut self, now: u64) -> Option<Travelling<P>> {
        let first = self.due.first_entry().filter(|first| first.key().0 <= now)?;
        let one = first.remove();
        self.bytes -= one.length;
        Some(one)
    }

    /// Takes a segment, held or not, with the time at which it would be delivered. Of one that was duplicated, the
    /// next copy.
    pub(super) fn take(&mut self, number: u32) -> Option<(Option<u64>, Travelling<P>)> {
        let one = if let Some(held) = self.held.remove(&number) {
            (None, held)
        } else {
            let due = *self.due.iter().find(|(_, one)| one.number == number)?.0;
            (Some(due.0), self.due.remove(&due)?)
        };
        self.bytes -= one.1.length;
        Some(one)
    }

    /// A copy of a segment.
    pub(super) fn copy(&self, number: u32) -> Option<Travelling<P>> {
        let held = self.held.get(&number);
        held.or_else(|| self.due.values().find(|one| one.number == number)).cloned()
    }

    /// Takes all that are held, in the order in which they were sent.
    pub(super) fn take_held(&mut self) -> Vec<Travelling<P>> {
        let held: Vec<_> = std::mem::take(&mut self.held).into_values().collect();
        self.bytes -= held.iter().map(|one| one.length).sum::<usize>();
        held
    }
}
