//! The wire between programs that are watched. Its device is read only when a segment may have been sent.

use framescope_engine::wire::Crossed;
use framescope_lab::WireCommand;

use crate::programs::Captured;

#[derive(Debug)]
pub(super) struct Wire {
    captured: Captured,
    /// Whether a segment may have been sent that was not seen yet.
    may_have_sent: bool,
}

impl Wire {
    pub(super) const fn new(captured: Captured) -> Self {
        Self { captured, may_have_sent: true }
    }

    /// A program has gone on, or the device can be read.
    pub(super) const fn stirs(&mut self) {
        self.may_have_sent = true;
    }

    /// What happens next on the wire, if it happens now.
    pub(super) fn next_crossed(&mut self, now: u64) -> Option<Crossed> {
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

    pub(super) fn command(&mut self, now: u64, command: WireCommand) {
        self.captured.command(now, command);
        self.may_have_sent = true;
    }

    /// Whether a segment waits for a command.
    pub(super) fn holds(&self) -> bool {
        self.captured.holds()
    }

    /// When the next segment is delivered.
    pub(super) fn next_delivery(&self) -> Option<u64> {
        self.captured.next_delivery()
    }
}
