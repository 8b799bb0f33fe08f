//! Taking connections from a listener, also after errors.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep};
use tracing::warn;

/// How long to wait after `accept()` failed. If the process has no descriptor left (EMFILE), it fails again
/// at once until one is closed; see accept(2).
const BACKOFF: Duration = Duration::from_millis(100);

/// How often a shortage that goes on is logged.
const WARN_EVERY: Duration = Duration::from_secs(1);

/// Returns the next connection. Errors are logged and waited out: accept(2) reports a connection that has
/// already gone, or a shortage that will pass.
pub(crate) async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    accept_with(|| listener.accept()).await
}

/// The same from any kind of listener.
pub(super) async fn accept_with<T, F>(mut next: impl FnMut() -> F) -> T
where
    F: Future<Output = io::Result<T>>,
{
    let mut warned: Option<Instant> = None;
    loop {
        match next().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                if warned.is_none_or(|warned| warned.elapsed() >= WARN_EVERY) {
                    warn!(%error, "cannot accept a connection");
                    warned = Some(Instant::now());
                }
                sleep(BACKOFF).await;
            }
        }
    }
}
