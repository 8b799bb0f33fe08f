//! Taking connections, within bounds.

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{Instrument as _, info_span};

use super::connection::{self, Conversation};
use super::rules::Rules;
use crate::net::accept;

/// A server that has no listener yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Server {
    pub(crate) conversation: Conversation,
    pub(crate) rules: Rules,
    /// The most connections at a time. One more waits in the listener's backlog.
    pub(crate) max_connections: usize,
}

impl Server {
    /// Serves until `stop` is cancelled.
    pub(crate) async fn run(
        self,
        listener: TcpListener,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) {
        let Self { conversation, rules, max_connections } = self;
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
                    connection::serve(stream, conversation, rules, &stop).await;
                }
                .instrument(info_span!("tcp", %peer)),
            );
        }
    }
}
