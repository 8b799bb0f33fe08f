//! The built-in TCP server: echoes each message, and answers commands that make the traffic worth
//! looking at. Any program that frames its messages with the header can talk to it.

mod command;
mod connection;

use std::sync::Arc;
use std::time::Duration;

use framescope_framing::HeaderFormat;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{Instrument as _, info_span};

use crate::accept::accept;

/// The rules by which every connection is served.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TcpServer {
    pub(crate) format: HeaderFormat,
    /// The longest payload accepted in a request or asked for in a reply, in bytes.
    pub(crate) max_message: usize,
    /// How long a closing connection may take to read our last bytes.
    pub(crate) close_timeout: Duration,
}

impl TcpServer {
    /// Serves until `stop` is cancelled, at most `max_connections` at a time; one more waits in
    /// the listener's backlog.
    pub(crate) async fn run(
        self,
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
                    connection::serve(stream, self, &stop).await;
                }
                .instrument(info_span!("tcp", %peer)),
            );
        }
    }
}
