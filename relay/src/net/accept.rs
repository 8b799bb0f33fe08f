//! Taking connections from a listener without falling over when none can be had.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use tracing::warn;

/// How long to wait after `accept()` failed. Out of descriptors (EMFILE), it fails again at once
/// for as long as nobody closes one; see accept(2).
const BACKOFF: Duration = Duration::from_millis(100);

/// The next connection. Errors are logged and waited out: those that accept(2) reports are of one
/// connection that is already gone, or of a shortage that passes.
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
