//! Taking connections to the page and the WebSockets, within bounds.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tracing::{Instrument as _, info, info_span};

use super::door::Door;
use super::turn_away::turn_away;
use super::{App, router, serve};
use crate::accept::accept;
use crate::sessions::Sessions;

/// The most connections at a time that are told why they are turned away. More are closed without a word.
const MAX_TURNED_AWAY: usize = 64;

/// What every HTTP connection goes through.
pub(crate) struct HttpServer {
    pub(crate) door: Door,
    pub(crate) app: App,
    /// The most connections at a time that are no WebSockets yet. One more waits in the listener's backlog.
    pub(crate) max_connections: usize,
    /// The same, for one client address. One more is turned away.
    pub(crate) max_connections_per_address: usize,
    pub(crate) close_timeout: Duration,
}

impl HttpServer {
    /// Serves until it is dropped. What was accepted goes on among the app's tasks.
    pub(crate) async fn run(self, listener: &TcpListener) {
        let app = Arc::new(self.app);
        let router = router(Arc::clone(&app));
        let places = Arc::new(Semaphore::new(self.max_connections));
        let by_address = Sessions::new(self.max_connections, self.max_connections_per_address);
        let turned_away = Arc::new(Semaphore::new(MAX_TURNED_AWAY));
        loop {
            let place = Arc::clone(&places).acquire_owned().await;
            let (stream, peer) = accept(listener).await;
            let Ok(counted) = by_address.open(peer.ip()) else {
                app.metrics.refused("max_connections_per_address");
                let told = Arc::clone(&turned_away).try_acquire_owned();
                info!(%peer, is_told = told.is_ok(), "connection refused: its address has too many");
                if let (Ok(told), None) = (told, &self.door.tls) {
                    let close_timeout = self.close_timeout;
                    app.tasks.spawn(async move {
                        turn_away(stream, close_timeout).await;
                        drop(told);
                    });
                }
                continue;
            };
            let connection =
                serve(stream, peer.ip(), self.door.clone(), router.clone(), app.stop.clone());
            let connection = async move {
                connection.await;
                drop((place, counted));
            };
            app.tasks.spawn(connection.instrument(info_span!("http", %peer)));
        }
    }
}
