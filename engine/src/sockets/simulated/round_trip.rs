//! The time of a round trip, and how long a segment waits for its acknowledgement.

use super::limits::{FIRST_RTO_US, JIFFY_US, MIN_RTO_US};

/// Estimates the time of a round trip: RFC 6298, as Linux does it: `tcp_rtt_estimator`. In microseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RoundTrip {
    pub(super) smoothed: Option<u64>,
    /// Four times the deviation, smoothed.
    deviation: u64,
    /// The largest one since `until` was sent.
    largest: u64,
    /// What is added to the time of a round trip.
    margin: u64,
    until: u64,
    pub(super) last: u64,
    pub(super) least: u64,
}

impl RoundTrip {
    pub(super) const fn new() -> Self {
        Self { smoothed: None, deviation: 0, largest: 0, margin: 0, until: 0, last: 0, least: 0 }
    }

    /// A round trip took this time. All before `una` was acknowledged, and all before `next` was sent.
    pub(super) fn measure(&mut self, time: u64, una: u64, next: u64) {
        self.last = time;
        let Some(smoothed) = self.smoothed else {
            (self.smoothed, self.least, self.deviation) = (Some(time), time, 2 * time);
            self.margin = self.deviation.max(MIN_RTO_US);
            (self.largest, self.until) = (self.margin, next);
            return;
        };
        self.least = self.least.min(time);
        self.smoothed = Some(smoothed - smoothed / 8 + time / 8);
        let (error, quarter) = (smoothed.abs_diff(time), self.deviation / 4);
        if time < smoothed && error > quarter {
            // A shorter time says little about longer ones.
            self.deviation += (error - quarter) / 8;
        } else {
            self.deviation = self.deviation - quarter + error;
        }
        self.largest = self.largest.max(self.deviation);
        self.margin = self.margin.max(self.largest);
        if una > self.until {
            self.margin -= (self.margin - self.largest) / 4;
            (self.until, self.largest) = (next, MIN_RTO_US);
        }
    }

    /// The timer fires at the next tick.
    pub(super) fn timeout(&self) -> u64 {
        let Some(smoothed) = self.smoothed else { return FIRST_RTO_US };
        (smoothed + self.margin) / JIFFY_US * JIFFY_US + JIFFY_US
    }
}
