//! When to give up on a peer that was told that the session is over, and has not closed yet.

use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::Interval;
use tokio_util::sync::CancellationToken;

use super::keepalive::every;

/// A deadline that moves while a peer makes progress.
///
/// A peer that has received everything gets one period to close. A peer that has not gets more time, as long
/// as it acknowledges something. If we closed too early, our socket would answer the peer's next byte with a
/// reset, and a reset throws away what our kernel still holds for the peer.
#[derive(Debug)]
pub(crate) struct DrainDeadline<'a> {
    /// Ticks once a period. The kernel is asked at each tick.
    checks: Interval,
    /// The peer is gone when this many checks in a row found no progress.
    max_unchanged: u32,
    unacknowledged: u32,
    unchanged: u32,
    stop: &'a CancellationToken,
}

impl<'a> DrainDeadline<'a> {
    /// `period` is the time for a peer that has received everything. A peer that has not may make no progress
    /// for `longest_stall`. Once `stop` is cancelled, nobody gets more than a period.
    pub(crate) fn new(
        period: Duration,
        longest_stall: Duration,
        stop: &'a CancellationToken,
    ) -> Self {
        let period = period.max(Duration::from_millis(1));
        let max_unchanged = longest_stall.div_duration_f64(period).ceil();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "no ratio of durations is negative, and a cast keeps within bounds"
        )]
        Self {
            checks: every(period),
            max_unchanged: max_unchanged as u32,
            unacknowledged: 0,
            unchanged: 0,
            stop,
        }
    }

    /// Ready when the deadline has passed. `unacknowledged` asks the kernel, once a period at most.
    pub(crate) fn poll(
        &mut self,
        context: &mut Context<'_>,
        unacknowledged: impl Fn() -> Option<u32>,
    ) -> Poll<()> {
        loop {
            ready!(self.checks.poll_tick(context));
            let before = self.unacknowledged;
            // If the system does not say, we assume that the peer has everything.
            self.unacknowledged = unacknowledged().unwrap_or(0);
            let has_all = before == 0 && self.unacknowledged == 0;
            self.unchanged = if before == self.unacknowledged { self.unchanged + 1 } else { 0 };
            if has_all || self.unchanged >= self.max_unchanged || self.stop.is_cancelled() {
                return Poll::Ready(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::future::poll_fn;

    use tokio::time::Instant;

    use super::*;

    const PERIOD: Duration = Duration::from_secs(5);

    /// How many periods the deadline takes if the kernel gives these answers, one a period, and then the last
    /// one again and again.
    async fn periods(said: &[Option<u32>], stop: &CancellationToken) -> u32 {
        let mut deadline = DrainDeadline::new(PERIOD, PERIOD * 3, stop);
        let (began, said) = (Instant::now(), RefCell::new(said.iter()));
        let last = said.borrow().as_slice().last().copied();
        let ask = || said.borrow_mut().next().copied().or(last).flatten();
        poll_fn(|context| deadline.poll(context, ask)).await;
        u32::try_from(began.elapsed().as_secs() / PERIOD.as_secs()).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn the_deadline_moves_while_the_peer_acknowledges_something() {
        let stop = CancellationToken::new();
        assert_eq!(periods(&[Some(0)], &stop).await, 1);
        assert_eq!(periods(&[None], &stop).await, 1);
        // One more period after the last byte, for the peer to close.
        assert_eq!(periods(&[Some(9), Some(0)], &stop).await, 3);
        assert_eq!(periods(&[Some(9), Some(9), Some(8), Some(8), Some(0)], &stop).await, 6);
        // Three checks without progress.
        assert_eq!(periods(&[Some(9)], &stop).await, 4);
        assert_eq!(periods(&[Some(9), Some(8)], &stop).await, 5);
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_stop_the_deadline_is_one_period() {
        let stop = CancellationToken::new();
        stop.cancel();
        assert_eq!(periods(&[Some(9), Some(8), Some(7)], &stop).await, 1);
    }
}
