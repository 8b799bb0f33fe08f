//! Waiting for what must happen, and for nothing more to happen.

use std::time::Duration;

use tokio::time::timeout;

/// How long a test waits for what must happen. Long: a busy machine is slow, and not wrong.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Waits for what must happen, and names it when it does not.
pub(crate) async fn within<F: Future>(what: &str, future: F) -> F::Output {
    let output = timeout(TIMEOUT, future).await;
    output.unwrap_or_else(|_| panic!("this did not happen within {TIMEOUT:?}: {what}"))
}

/// Looks until `look` says that it is so. For what nothing tells of, such as a peer's state.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut look: impl FnMut() -> F) {
    within(what, async {
        while !look().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

/// Returns when `progress` has stood still: flow control leaves nothing else to be seen of it.
/// A pause that is none makes the caller's test weaker, never red.
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
