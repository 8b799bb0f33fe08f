//! How fast a page may talk.

use std::time::Duration;

use tokio::time::Instant;

/// The most messages at once.
const BURST: u32 = 20;

/// The time for which a page gets one more.
const REFILL: Duration = Duration::from_millis(50);

/// A page may send a burst of messages, and then as many as this refills. The rest waits in its connection.
#[derive(Debug)]
pub(crate) struct Allowance {
    /// When all of the burst will be there again.
    full_at: Instant,
}

impl Allowance {
    pub(super) fn new(now: Instant) -> Self {
        Self { full_at: now }
    }

    /// The page has sent a message.
    pub(super) fn take(&mut self, now: Instant) {
        self.full_at = self.full_at.max(now) + REFILL;
    }

    /// From when on the page may send the next one.
    pub(super) fn next_at(&self) -> Instant {
        self.full_at.checked_sub(REFILL * (BURST - 1)).unwrap_or(self.full_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_burst_a_page_waits_for_each_message() {
        let start = Instant::now() + REFILL * BURST;
        let mut allowance = Allowance::new(start);
        for _ in 0..BURST {
            assert!(allowance.next_at() <= start);
            allowance.take(start);
        }
        assert_eq!(allowance.next_at(), start + REFILL);
        let later = start + REFILL * BURST;
        assert!(allowance.next_at() <= later, "what was not used is there again");
        allowance.take(later + REFILL);
        assert_eq!(allowance.next_at() + REFILL * (BURST - 1), later + REFILL * 2);
    }
}
