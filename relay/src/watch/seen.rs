//! The segments of a network that others use too. They pass by themselves, and are told of when they have passed.

use std::os::fd::{AsFd, BorrowedFd};

use framescope_engine::wire::{Crossed, Wire};
use framescope_lab::WireSetup;
use framescope_syscall::Address;

use crate::wire::{MAX_PACKET, Packet, Tap};

/// What is seen of such a network.
#[derive(Debug)]
pub(super) struct Seen {
    tap: Tap,
    /// Numbers the segments. All of them arrive.
    wire: Wire<()>,
    buffer: Vec<u8>,
}

impl Seen {
    pub(super) fn new(tap: Tap) -> Self {
        Self { tap, wire: Wire::new(&WireSetup::default()), buffer: vec![0; MAX_PACKET] }
    }

    /// What has happened next to a segment of the programs. `is_own`: whether one between these addresses is.
    pub(super) fn next_crossed(
        &mut self,
        now: u64,
        is_own: impl Fn(Address, Address) -> bool,
    ) -> Option<Crossed> {
        if let Some(((), delivered)) = self.wire.deliver(now) {
            return Some(delivered);
        }
        // If nothing is seen any more, the run goes on without segments.
        while let Some(length) = self.tap.recv(&mut self.buffer).ok().flatten() {
            let packet = self.buffer.get(..length).unwrap_or_default();
            if let Packet::Segment(header) = Packet::parse(packet)
                && is_own(header.from, header.to)
            {
                let (sent, _) = self.wire.send(now, &header, ());
                return Some(sent);
            }
        }
        None
    }
}

impl AsFd for Seen {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.tap.as_fd()
    }
}
