//! When to give up on a peer that has been told that the session is over, and has not gone yet.

use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::Interval;
use tokio_util::sync::CancellationToken;

use super::keepalive::every;

/// A peer that has everything gets so much time to close. One that has not is waited for as long as
/// it takes something: closed too early, our socket would answer its next byte with a reset, and a
/// reset throws away what our kernel still holds for it.
#[derive(Debug)]
pub(crate) struct DrainDeadline<'a> {
    /// How long a peer that has everything may take; at each end of it the kernel is asked.
    looks: Interval,
    /// After so many looks at which nothing had moved a peer is gone.
    most_still: u32,
    unacknowledged: u32,
    still: u32,
    stop: &'a CancellationToken,
}

impl<'a> DrainDeadline<'a> {
    /// `period` is for a peer that has everything, `longest_stall` for one that has not. Once `stop`
    /// is cancelled nobody gets more than a period.
    pub(crate) fn new(
        period: Duration,
        longest_stall: Duration,
        stop: &'a CancellationToken,
    ) -> Self {
        let period = period.max(Duration::from_millis(1));
        let most_still = longest_stall.div_duration_f64(period).ceil();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "no ratio of durations is negative, and a cast keeps within bounds"
        )]
        Self {
            looks: every(period),
            most_still: most_still as u32,
            unacknowledged: 0,
            still: 0,
            stop,
        }
    }

    /// Ready when it is over. `unacknowledged` asks the kernel; it is called once a period at most.
    pub(crate) fn poll(
        &mut self,
        context: &mut Context<'_>,
        unacknowledged: impl Fn() -> Option<u32>,
    ) -> Poll<()> {
        loop {
            ready!(self.looks.poll_tick(context));
            let before = self.unacknowledged;
            // Where the system does not say, the peer may have everything.
            self.unacknowledged = unacknowledged().unwrap_or(0);
            let has_all = before == 0 && self.unacknowledged == 0;
            self.still = if before == self.unacknowledged { self.still + 1 } else { 0 };
            if has_all || self.still >= self.most_still || self.stop.is_cancelled() {
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

    /// After how many periods it is over, when the kernel says this at the end of each, and then
    /// always the last.
    async fn periods(said: &[Option<u32>], stop: &CancellationToken) -> u32 {
        let mut patience = DrainDeadline::new(PERIOD, PERIOD * 3, stop);
        let (began, said) = (Instant::now(), RefCell::new(said.iter()));
        let last = said.borrow().as_slice().last().copied();
        let ask = || said.borrow_mut().next().copied().or(last).flatten();
        poll_fn(|context| patience.poll(context, ask)).await;
        u32::try_from(began.elapsed().as_secs() / PERIOD.as_secs()).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_is_waited_for_while_it_takes_something() {
        let stop = CancellationToken::new();
        assert_eq!(periods(&[Some(0)], &stop).await, 1);
        assert_eq!(periods(&[None], &stop).await, 1);
        // One period more for the peer to close, behind the last byte.
        assert_eq!(periods(&[Some(9), Some(0)], &stop).await, 3);
        assert_eq!(periods(&[Some(9), Some(9), Some(8), Some(8), Some(0)], &stop).await, 6);
        // Nothing moved three times.
        assert_eq!(periods(&[Some(9)], &stop).await, 4);
        assert_eq!(periods(&[Some(9), Some(8)], &stop).await, 5);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_ends_it_with_the_period() {
        let stop = CancellationToken::new();
        stop.cancel();
        assert_eq!(periods(&[Some(9), Some(8), Some(7)], &stop).await, 1);
    }
}
