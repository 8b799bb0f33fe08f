//! Timers that watch connections.

use std::time::Duration;

use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

/// After this many pings without a sign of life a client is gone.
pub(crate) const MAX_UNANSWERED_PINGS: u32 = 2;

/// Ticks after `period`, and again and again. A tick that comes late moves those after it.
pub(crate) fn every(period: Duration) -> Interval {
    let mut interval = interval_at(Instant::now() + period, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}
