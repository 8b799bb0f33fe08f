//! Waits for what must happen, or until nothing more happens.

use std::time::Duration;

use tokio::time::timeout;

/// How long a test waits for what must happen. Long, because a busy machine is slow.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Waits for what must happen. If it does not happen, the panic names it.
pub(crate) async fn within<F: Future>(what: &str, future: F) -> F::Output {
    let output = timeout(TIMEOUT, future).await;
    output.unwrap_or_else(|_| panic!("this did not happen within {TIMEOUT:?}: {what}"))
}

/// Calls `look` until it returns true. For what cannot be awaited, such as a peer's state.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut look: impl FnMut() -> F) {
    within(what, async {
        while !look().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

/// Returns when `progress` has not changed for half a second. Flow control has no other sign that a test
/// can see. If the sender was only slow, the caller's test checks less, but does not fail.
pub(crate) async fn stall<T: PartialEq>(what: &str, progress: impl Fn() -> T) {
    const STILL: u32 = 10;
    within(what, async {
        let (mut before, mut still) = (progress(), 0);
        while still < STILL {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let now = progress();
            still = if now == before { still + 1 } else { 0 };
            before = now;
        }
    })
    .await;
}
