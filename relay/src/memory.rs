//! Giving memory back when many sessions have ended. glibc's allocator keeps what it was given.

use std::time::Duration;

use tokio::time::interval;

use crate::sessions::Sessions;

/// How often the sessions are counted.
const PERIOD: Duration = Duration::from_secs(10);

/// How many must have ended since memory was given back last. Fewer hold too little for it.
const MANY: usize = 500;

/// Gives memory back when many sessions have ended, and there are less than half as many as there were. Never
/// returns.
pub(crate) async fn give_back(sessions: &Sessions) {
    let (mut most, mut ticks) = (0, interval(PERIOD));
    loop {
        ticks.tick().await;
        most = most.max(sessions.take_most());
        let open = sessions.count();
        if open <= most / 2 && most - open >= MANY {
            most = open;
            // In a separate thread: it may take a while.
            #[cfg(all(target_os = "linux", target_env = "gnu"))]
            let _ = tokio::task::spawn_blocking(framescope_sys::give_back_memory).await;
        }
    }
}
