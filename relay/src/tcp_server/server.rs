//! Taking connections, within bounds.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::either::Either;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{Instrument as _, info_span};

use super::connection;
use super::rules::Rules;
use crate::net::Listener;

/// Takes connections until this is dropped, and serves them until `stop` is cancelled, at most `max_connections`
/// at a time. One more waits in the listener's backlog.
pub(crate) async fn run(
    rules: Rules,
    listener: &Listener,
    max_connections: usize,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    let permits = Arc::new(Semaphore::new(max_connections));
    loop {
        let permit = Arc::clone(&permits).acquire_owned().await;
        let (Either::Left(stream), Some(peer)) = listener.accept().await else { continue };
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
