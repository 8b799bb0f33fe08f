//! The runtime's timer.

use std::time::Duration;

use tokio::time::interval;

/// How often the timer fires: earlier than any timer of a connection.
const PERIOD: Duration = Duration::from_secs(1);

/// Fires a timer again and again, and does nothing.
///
/// A timer that becomes the earliest one wakes tokio's driver, which costs a system call. Each session
/// starts five timers. This one is always earlier, so sessions do not wake the driver.
pub(crate) async fn keep_timer_armed() {
    let mut timer = interval(PERIOD);
    loop {
        timer.tick().await;
    }
}
