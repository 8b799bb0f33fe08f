//! Taking connections, within bounds.

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{Instrument as _, info_span};

use super::connection;
use super::rules::Rules;
use crate::net::accept;

/// Serves until `stop` is cancelled, at most `max_connections` at a time. One more waits in the listener's
/// backlog.
pub(crate) async fn run(
    rules: Rules,
    listener: TcpListener,
    max_connections: usize,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    let permits = Arc::new(Semaphore::new(max_connections));
    loop {
        let (permit, (stream, peer)) = tokio::select! {
            taken = async {
                (Arc::clone(&permits).acquire_owned().await, accept(&listener).await)
            } => taken,
            () = stop.cancelled() => break,
        };
        let stop = stop.clone();
        tasks.spawn(
            async move {
                let _permit = permit;
                connection::serve(stream, rules, &stop).await;
            }
            .instrument(info_span!("tcp", %peer)),
        );
    }
}
