//! Taking connections from a listener, also after errors.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use tracing::warn;

/// How long to wait after `accept()` failed. If the process has no descriptor left (EMFILE), it fails again
/// at once until one is closed; see accept(2).
const BACKOFF: Duration = Duration::from_millis(100);

/// Returns the next connection. Errors are logged and waited out: accept(2) reports a connection that has
/// already gone, or a shortage that will pass.
pub(crate) async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                warn!(%error, "cannot accept a connection");
                sleep(BACKOFF).await;
            }
        }
    }
}
