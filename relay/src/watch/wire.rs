//! The wire between programs that are watched: one that nobody else uses, or what is seen of one.

use std::os::fd::{AsFd, BorrowedFd};

use framescope_engine::wire::Crossed;
use framescope_lab::{WireCommand, WireSetup};
use framescope_syscall::Address;

use super::seen::Seen;
use crate::programs::Captured;
use crate::wire::{Device, Tap};

/// Such a wire.
#[derive(Debug)]
pub(super) enum Wire {
    /// Each segment passes through this process.
    Held(Box<Held>),
    Seen(Box<Seen>),
}

/// A wire through which segments pass. Its device is read only when a segment may have been sent.
#[derive(Debug)]
pub(super) struct Held {
    device: Device,
    captured: Captured,
    /// Whether a segment may have been sent that was not seen yet.
    may_have_sent: bool,
}

impl Wire {
    pub(super) fn held(device: Device, setup: &WireSetup) -> Self {
        let captured = Captured::new(device.clone(), setup);
        Self::Held(Box::new(Held { device, captured, may_have_sent: true }))
    }

    pub(super) fn seen(tap: Tap) -> Self {
        Self::Seen(Box::new(Seen::new(tap)))
    }

    /// A program has gone on, or there is something to read.
    pub(super) fn stirs(&mut self) {
        if let Self::Held(held) = self {
            held.may_have_sent = true;
        }
    }

    /// What happens next on the wire, if it happens now. `is_own`: whether a segment between these addresses is one of the
    /// programs.
    pub(super) fn next_crossed(
        &mut self,
        now: u64,
        is_own: impl Fn(Address, Address) -> bool,
    ) -> Option<Crossed> {
        match self {
            Self::Held(held) => held.next_crossed(now),
            Self::Seen(seen) => seen.next_crossed(now, is_own),
        }
    }

    pub(super) fn command(&mut self, now: u64, command: WireCommand) {
        if let Self::Held(held) = self {
            held.captured.command(now, command);
            held.may_have_sent = true;
        }
    }

    /// Whether a segment waits for a command.
    pub(super) fn holds(&self) -> bool {
        matches!(self, Self::Held(held) if held.captured.holds())
    }

    /// When the next segment is delivered.
    pub(super) fn next_delivery(&self) -> Option<u64> {
        match self {
            Self::Held(held) => held.captured.next_delivery(),
            Self::Seen(_) => None,
        }
    }
}

impl Held {
    fn next_crossed(&mut self, now: u64) -> Option<Crossed> {
        if self.may_have_sent
            && let Some(sent) = self.captured.next_sent(now)
        {
            return Some(sent);
        }
        let delivered = self.captured.deliver_next(now);
        // Whoever is given a segment may answer.
        self.may_have_sent = delivered.is_some();
        delivered
    }
}

impl AsFd for Wire {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Held(held) => held.device.as_fd(),
            Self::Seen(seen) => seen.as_fd(),
        }
    }
}
