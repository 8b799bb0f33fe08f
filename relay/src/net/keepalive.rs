//! Timers that watch connections.

use std::time::Duration;

use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

/// A client that has sent nothing after this many pings is gone.
pub(crate) const MAX_UNANSWERED_PINGS: u32 = 2;

/// Ticks every `period`, first after one period. A late tick delays those after it.
pub(crate) fn every(period: Duration) -> Interval {
    let mut interval = interval_at(Instant::now() + period, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}
