//! Taking connections to the page and the WebSockets, within bounds.

use std::future::pending;
use std::sync::Arc;

use axum::Router;
use axum::http::{Request, header};
use bytes::Bytes;
use framescope_protocol::paths;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tower::util::MapRequest;
use tracing::{Instrument as _, Span, debug, info, info_span};

use super::acceptor::{Acceptor, Client, Entered};
use super::answer::{write_last, write_upgrade};
use super::app::App;
use super::authorization::Sent;
use super::first_request::{First, MAX_HEAD, read_first};
use super::handshake::Handshake;
use super::http_stream::HttpStream;
use super::open_session::{BridgeSession, Opened, open_bridge};
use super::peer::Peer;
use super::policy::Policy;
use super::proxy_protocol::is_proxy_header;
use super::router::{admit, finish, router};
use super::turn_away::{Why, turn_away};
use crate::net::{Listener, Socket, linger};

/// The most connections at a time that get a 503 when they are turned away. More are closed without an answer.
const MAX_TURNED_AWAY: usize = 64;

/// The latest request of a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Latest {
    /// None has come yet.
    Nothing,
    /// It asked for an answer.
    Answer,
    /// It asked for an upgrade.
    Upgrade,
}

/// What every HTTP connection goes through.
pub(crate) struct HttpServer {
    app: Arc<App>,
    router: Router,
    /// How many connections there may be that are no WebSockets yet. One more waits in the listener's backlog.
    places: Arc<Semaphore>,
    turned_away: Arc<Semaphore>,
}

impl HttpServer {
    pub(crate) fn new(app: Arc<App>, max_connections: usize) -> Self {
        Self {
            router: router(Arc::clone(&app)),
            app,
            places: Arc::new(Semaphore::new(max_connections)),
            turned_away: Arc::new(Semaphore::new(MAX_TURNED_AWAY)),
        }
    }

    /// Serves one listener until this is dropped. Accepted connections go on as tasks of the app.
    pub(crate) async fn run(&self, listener: &Listener) {
        let app = &self.app;
        loop {
            let place = Arc::clone(&self.places).acquire_owned().await;
            let (socket, address) = listener.accept().await;
            let policy = app.policies.now();
            let peer = Peer::new(address, &policy.trust);
            // A proxy speaks for many. With the PROXY protocol, each connection counts when it has said for whom.
            let counted = if peer.is_proxy() {
                None
            } else {
                let Ok(counted) = app.connections.open(peer.address()) else {
                    self.turn_away(socket, &peer, &policy);
                    continue;
                };
                Some(counted)
            };
            let acceptor = Acceptor {
                // Over a Unix socket, TLS would only keep secrets from this machine.
                tls: policy.tls.clone().filter(|_| address.is_some()),
                policy,
            };
            let (app, router) = (Arc::clone(app), self.router.clone());
            let span = info_span!("http", peer = %peer.address());
            // A task is moved several times before it runs, and is as large as all that it may become. So its
            // parts are apart.
            let serving = Box::pin(serve(socket, peer, acceptor, router, app));
            let connection = async move {
                let begun = serving.await;
                drop((place, counted));
                if let Some((session, client, read, span)) = begun {
                    Box::pin(session.run(client, read)).instrument(span).await;
                }
            };
            self.app.tasks.spawn(connection.instrument(span));
        }
    }

    /// Tells a client why it is not served, if not too many are being told.
    fn turn_away(&self, socket: Socket, peer: &Peer, policy: &Policy) {
        let app = &self.app;
        app.metrics.refused(Why::TooMany.word(), Why::TooMany.code());
        let told = Arc::clone(&self.turned_away).try_acquire_owned();
        let peer = peer.address();
        info!(%peer, is_told = told.is_ok(), "connection refused: its address has too many");
        if let (Ok(told), None) = (told, &policy.tls) {
            let close_timeout = policy.close_timeout;
            app.tasks.spawn(async move {
                turn_away(socket, Why::TooMany, close_timeout).await;
                drop(told);
            });
        }
    }
}

/// A session that begins on a connection, with the bytes of its client that came already.
type Begun = (BridgeSession, Client, Bytes, Span);

/// Serves one connection until it closes, is upgraded, or the relay takes no more.
async fn serve(
    socket: Socket,
    proxy: Peer,
    acceptor: Acceptor,
    router: Router,
    app: Arc<App>,
) -> Option<Begun> {
    let entered = tokio::select! {
        entered = acceptor.enter(socket, proxy, &app) => entered?,
        () = app.stop.cancelled() => return None,
    };
    let Entered { mut client, peer, counted: _counted } = entered;
    let policy = acceptor.policy;
    let first = tokio::select! {
        first = timeout(policy.header_timeout, read_first(&mut client)) => first.ok()?.ok()?,
        () = app.stop.cancelled() => return None,
    };
    match first {
        First::Bridge(head, read) => open(client, peer, head, read, &app, &policy).await,
        First::Other(read) => {
            if is_proxy_header(&read) {
                app.metrics.not_believed("proxy-protocol");
                return refuse_proxy_header(client, &app, &policy).await;
            }
            let stream = HttpStream::new(client, policy.send_timeout, read);
            let (retire, stop) = (app.retire.clone(), app.stop.clone());
            // It is large, and most connections do not need it.
            Box::pin(serve_http(stream, peer, &policy, router, retire, stop)).await;
            None
        }
    }
}

/// Opens the session that a connection began with, or says why not, and closes.
async fn open(
    mut client: Client,
    peer: Peer,
    mut head: Request<()>,
    read: Bytes,
    app: &Arc<App>,
    policy: &Policy,
) -> Option<Begun> {
    let uri = head.uri().clone();
    let name = uri.path().strip_prefix(paths::BRIDGE).unwrap_or_default();
    let (asked, checked) = admit(app, peer, &head);
    let opened = async {
        checked?;
        let sent = Sent::take(&mut head)?;
        let handshake = |head: &mut Request<()>| Handshake::of(head).map(Some);
        open_bridge(app, &asked, &sent, name, &mut head, handshake).await
    };
    match opened.await {
        Ok(Opened { handshake, subprotocol, span, session }) => {
            let mut answer = handshake?.answer(subprotocol.as_deref());
            finish(app, &asked, uri.path(), &mut answer);
            let written = timeout(policy.send_timeout, write_upgrade(&mut client, &answer)).await;
            written.ok()?.ok()?;
            Some((session, client, read, span))
        }
        Err(refusal) => {
            let mut answer = refusal.response();
            finish(app, &asked, uri.path(), &mut answer);
            let closing = async {
                if write_last(&mut client, &answer).await.is_ok() {
                    linger(&mut client).await;
                }
            };
            let _ = timeout(policy.close_timeout, closing).await;
            None
        }
    }
}

/// Tells who is no trusted proxy that its header is not taken, and closes.
async fn refuse_proxy_header(client: Client, app: &App, policy: &Policy) -> Option<Begun> {
    let why = Why::UntrustedProxyHeader;
    app.metrics.refused(why.word(), why.code());
    info!("a PROXY header of who is no trusted proxy");
    turn_away(client, why, policy.close_timeout).await;
    None
}

/// Serves whatever else a connection asks for.
async fn serve_http(
    stream: HttpStream<Client>,
    peer: Peer,
    policy: &Policy,
    router: Router,
    retire: CancellationToken,
    stop: CancellationToken,
) {
    let (tell, mut latest) = watch::channel(Latest::Nothing);
    let service = MapRequest::new(router, move |mut request: hyper::Request<Incoming>| {
        let is_upgrade = request.headers().contains_key(header::UPGRADE);
        tell.send_replace(if is_upgrade { Latest::Upgrade } else { Latest::Answer });
        request.extensions_mut().insert(peer.clone());
        request
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(policy.header_timeout)
        .max_buf_size(MAX_HEAD)
        // A client may say that it asks for no more, and still wait for its answer.
        .half_close(true)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    tokio::pin!(connection);
    let retired = async {
        retire.cancelled().await;
        // hyper would close a connection whose first request is on its way, and spoil an upgrade. Whoever takes
        // our place does not have this connection, so both are answered here.
        let latest = latest.wait_for(|latest| *latest != Latest::Nothing).await;
        if latest.is_ok_and(|latest| *latest == Latest::Upgrade) {
            pending::<()>().await;
        }
    };
    let result = tokio::select! {
        result = &mut connection => result,
        () = async { tokio::select! { () = retired => {}, () = stop.cancelled() => {} } } => {
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
    use std::time::Duration;

    use axum::Extension;
    use axum::extract::Request;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};
    use tokio_util::either::Either;
    use tokio_util::task::TaskTracker;
    use tracing::Span;

    use super::super::handshake::Upgrade;
    use super::super::refusal::Refusal;
    use super::super::trust::Trust;
    use super::*;
    use crate::sessions::Sessions;

    /// Sends a handshake for `path` and reads all that comes of it.
    async fn ask(router: Router, tasks: &TaskTracker, path: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, peer) = listener.accept().await.unwrap();
        let (policy, minute) = (Policy::without_anything(), Duration::from_mins(1));
        let stream = HttpStream::new(Either::Left(Either::Left(stream)), minute, Bytes::new());
        let peer = Peer::new(Some(peer), &Trust::default());
        tasks.spawn(async move {
            let [retire, stop] = [CancellationToken::new(), CancellationToken::new()];
            serve_http(stream, peer, &policy, router, retire, stop).await;
        });
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
            async move |Extension(peer): Extension<Peer>, mut request: Request| {
                let permit = sessions.open(peer.address())?;
                let is_broken = request.uri().path() == "/broken";
                let upgrade = Upgrade::of(&mut request)?.expect("the test sends one");
                let session = async move |mut client: Client, _| {
                    let _permit = permit;
                    assert!(!is_broken, "this is the panic of the test");
                    client.write_all(b"all is well").await.unwrap();
                };
                Ok::<_, Refusal>(upgrade.accept(None, &tasks, Span::none(), session))
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
