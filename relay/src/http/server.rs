//! Taking connections to the page and the WebSockets, within bounds.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::util::MapRequest;
use tracing::{Instrument as _, debug, info, info_span};

use super::acceptor::Acceptor;
use super::app::{App, Peer};
use super::router::router;
use super::send_timeout::SendTimeout;
use super::turn_away::{Why, turn_away};
use crate::net::accept;
use crate::sessions::Sessions;

/// The most bytes that the head of a request may have: 16 KiB.
const MAX_HEAD: usize = 16 * 1024;

/// The most connections at a time that get a 503 when they are turned away. More are closed without an answer.
const MAX_TURNED_AWAY: usize = 64;

/// What every HTTP connection goes through.
pub(crate) struct HttpServer {
    pub(crate) acceptor: Acceptor,
    pub(crate) app: Arc<App>,
    /// The most connections at a time that are no WebSockets yet. One more waits in the listener's backlog.
    pub(crate) max_connections: usize,
    /// The same, for one client address. One more is turned away.
    pub(crate) max_connections_per_address: usize,
    pub(crate) close_timeout: Duration,
}

impl HttpServer {
    /// Serves until it is dropped. Accepted connections go on as tasks of the app.
    pub(crate) async fn run(self, listener: &TcpListener) {
        let app = &self.app;
        let router = router(Arc::clone(app));
        let places = Arc::new(Semaphore::new(self.max_connections));
        // `places` bounds the total.
        let by_address = Sessions::new(usize::MAX, self.max_connections_per_address);
        let turned_away = Arc::new(Semaphore::new(MAX_TURNED_AWAY));
        loop {
            let place = Arc::clone(&places).acquire_owned().await;
            let (stream, peer) = accept(listener).await;
            let Ok(counted) = by_address.open(peer.ip()) else {
                app.metrics.refused("max_connections_per_address");
                let told = Arc::clone(&turned_away).try_acquire_owned();
                info!(%peer, is_told = told.is_ok(), "connection refused: its address has too many");
                if let (Ok(told), None) = (told, &self.acceptor.tls) {
                    let close_timeout = self.close_timeout;
                    app.tasks.spawn(async move {
                        turn_away(stream, Why::TooMany, close_timeout).await;
                        drop(told);
                    });
                }
                continue;
            };
            let connection =
                serve(stream, peer.ip(), self.acceptor.clone(), router.clone(), app.stop.clone());
            let connection = async move {
                connection.await;
                drop((place, counted));
            };
            app.tasks.spawn(connection.instrument(info_span!("http", %peer)));
        }
    }
}

/// Serves one connection until it closes, is upgraded, or the relay stops.
async fn serve(
    stream: TcpStream,
    peer: IpAddr,
    acceptor: Acceptor,
    router: Router,
    stop: CancellationToken,
) {
    let stream = tokio::select! {
        entered = acceptor.enter(stream) => entered,
        () = stop.cancelled() => None,
    };
    let Some(stream) = stream else { return };
    let stream = SendTimeout::new(stream, acceptor.send_timeout);
    let service = MapRequest::new(router, move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        request
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(acceptor.header_timeout)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    tokio::pin!(connection);
    let result = tokio::select! {
        result = &mut connection => result,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        debug!(%error, "an HTTP connection failed");
    }
}

#[cfg(test)]
mod tests {
    use axum::Extension;
    use axum::extract::Request;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio_util::task::TaskTracker;
    use tracing::Span;

    use super::super::acceptor::Client;
    use super::super::handshake::Handshake;
    use super::super::refusal::Refusal;
    use super::*;

    /// Sends a handshake for `path` and reads all that comes of it.
    async fn ask(router: Router, tasks: &TaskTracker, path: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, peer) = listener.accept().await.unwrap();
        let minute = Duration::from_mins(1);
        let acceptor = Acceptor { header_timeout: minute, send_timeout: minute, tls: None };
        let stop = CancellationToken::new();
        tasks.spawn(serve(stream, peer.ip(), acceptor, router, stop));
        let asked = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        client.write_all(asked.as_bytes()).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn a_session_that_panics_gives_back_its_place_and_touches_no_other() {
        let (tasks, sessions) = (TaskTracker::new(), Sessions::new(1, 1));
        let open = {
            let (tasks, sessions) = (tasks.clone(), sessions.clone());
            async move |Extension(Peer(peer)): Extension<Peer>, mut request: Request| {
                let permit = sessions.open(peer)?;
                let is_broken = request.uri().path() == "/broken";
                let handshake = Handshake::of(&mut request)?.expect("the test sends one");
                let session = async move |mut client: Client, _| {
                    let _permit = permit;
                    assert!(!is_broken, "this is the panic of the test");
                    client.write_all(b"all is well").await.unwrap();
                };
                Ok::<_, Refusal>(handshake.accept(None, &tasks, Span::none(), session))
            }
        };
        let router = Router::new().route("/broken", get(open.clone())).route("/sound", get(open));
        for (path, end) in
            [("/sound", "all is well"), ("/broken", "\r\n\r\n"), ("/sound", "all is well")]
        {
            let answer = ask(router.clone(), &tasks, path).await;
            assert!(answer.starts_with("HTTP/1.1 101"), "{path}: {answer}");
            assert!(answer.ends_with(end), "{path}: {answer}");
        }
        // The task that panicked counts as ended too, so a stop does not wait for it.
        tasks.close();
        tasks.wait().await;
    }
}
