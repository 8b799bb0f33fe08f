//! The runtime's timer.

use std::time::Duration;

use tokio::time::interval;

/// How often the runtime wakes to look at its clock: more often than any timer of a connection ends.
const PERIOD: Duration = Duration::from_secs(1);

/// Wakes the runtime again and again, and does nothing.
///
/// A timer that ends before all others is a system call, to wake the thread that waits for the next
/// event: each connection begins five timers, and their calls were a fifth of all that it made. One
/// that ends later than the next keep_timer_armed costs none.
pub(crate) async fn keep_timer_armed() {
    let mut beats = interval(PERIOD);
    loop {
        beats.tick().await;
    }
}
