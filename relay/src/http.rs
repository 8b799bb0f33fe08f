//! The one room that knows HTTP: the page, the facts about this relay, and the upgrade to a
//! WebSocket. Every refusal is a status and one sentence of plain text.

mod authorization;
mod door;
mod handshake;
mod refusal;
mod send_timeout;
mod server;
mod turn_away;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
#[cfg(unix)]
use framescope_lab::LAB_SUBPROTOCOL;
use framescope_protocol::{BINARY_SUBPROTOCOL, ReadOptions, RelayInfo, paths};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use memory_serve::CacheControl;
use tokio::net::TcpStream;
use tokio_util::either::Either;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::util::MapRequest;
use tracing::{debug, info, info_span, warn};

use self::authorization::check_token;
pub(crate) use self::door::Door;
use self::handshake::{Handshake, offers};
use self::refusal::{Reason, Refusal};
use self::send_timeout::SendTimeout;
pub(crate) use self::server::HttpServer;
use crate::access::Access;
use crate::bridge::{self, Settings};
#[cfg(unix)]
use crate::lab;
use crate::lookup::Resolver;
use crate::metrics::{self, Metrics};
use crate::recorder::{Recorded, Recordings, recorded_bridge};
use crate::sessions::Sessions;
use crate::target::Target;
use crate::token::Token;

/// The most bytes that the head of a request may have: 16 KiB.
const MAX_HEAD: usize = 16 * 1024;

/// The page runs its own scripts, its own wasm, and nothing that comes from elsewhere.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
     style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
     manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What browsers are told with every answer.
const SECURITY_HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// What all requests share.
pub(crate) struct App {
    pub(crate) access: Access,
    pub(crate) info: RelayInfo,
    pub(crate) token: Option<Token>,
    pub(crate) metrics: Metrics,
    pub(crate) targets: HashMap<String, Target>,
    pub(crate) resolver: Resolver,
    /// The longest WebSocket message, in bytes.
    pub(crate) max_frame: usize,
    pub(crate) connect_timeout: Duration,
    pub(crate) ping_interval: Duration,
    pub(crate) close_timeout: Duration,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) recordings: Option<Recordings>,
    /// The bridge sessions that may still be opened.
    pub(crate) sessions: Sessions,
    /// The experiments that may still be opened.
    #[cfg(unix)]
    pub(crate) experiments: Sessions,
    /// Every session's task, so that a stop can wait for them.
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
}

/// The address at the other end of a connection.
#[derive(Clone, Copy, Debug)]
struct Peer(IpAddr);

/// Serves one connection until it closes, is upgraded, or the relay stops.
async fn serve(
    stream: TcpStream,
    peer: IpAddr,
    door: Door,
    router: Router,
    stop: CancellationToken,
) {
    let stream = tokio::select! {
        entered = door.enter(stream) => entered,
        () = stop.cancelled() => None,
    };
    let Some(stream) = stream else { return };
    let stream = SendTimeout::new(stream, door.send_timeout);
    let service = MapRequest::new(router, move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        request
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(door.header_timeout)
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

fn router(app: Arc<App>) -> Router {
    let page = memory_serve::load!()
        .index_file(Some("/index.html"))
        .html_cache_control(CacheControl::NoCache)
        .cache_control(CacheControl::NoCache)
        .enable_brotli(true)
        .enable_gzip(true)
        .into_router();
    let mut guarded = Router::new()
        .route(&format!("{}{{target}}", paths::BRIDGE), get(bridge))
        .route(paths::LAB, get(experiment))
        .route("/metrics", get(metrics));
    if let Some(token) = &app.token {
        guarded = guarded.route_layer(middleware::from_fn_with_state(token.clone(), check_token));
    }
    Router::new()
        .route(paths::HEALTH, get(|| async { "ok\n" }))
        .route(paths::RELAY_INFO, get(relay_json))
        .merge(guarded)
        .merge(page)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard))
        .with_state(app)
}

/// What every request goes through: only a host that is ours is served, every answer has the headers
/// that browsers are to keep to, and refusals are counted.
async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let checked = host(request.headers()).and_then(|host| {
        // RFC 9112, section 3.2.2: of two names the one in the request's target counts. A client
        // that sends two different ones means to be misunderstood.
        match request.uri().authority() {
            Some(authority) if !authority.as_str().eq_ignore_ascii_case(host) => {
                Err(Refusal::TwoHosts)
            }
            _ => Ok(app.access.check_host(host)?),
        }
    });
    let mut response = match checked {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    for (name, value) in SECURITY_HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    if let Some(Reason(reason)) = response.extensions().get() {
        app.metrics.refused(reason);
    }
    response
}

async fn metrics(State(app): State<Arc<App>>) -> Response {
    match app.metrics.encode() {
        Ok(text) => {
            let headers =
                [(header::CONTENT_TYPE, metrics::MEDIA_TYPE), (header::CACHE_CONTROL, "no-store")];
            (headers, text).into_response()
        }
        Err(error) => {
            warn!(%error, "the metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn relay_json(State(app): State<Arc<App>>) -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-store")], Json(app.info.clone()))
}

/// `GET /bridge/{target}`. The TCP connection is made before the 101, so that a client learns from
/// the status why it has none. A plain GET goes the same way as far as the connection, and so
/// answers the question which a browser's WebSocket does not: why was I refused?
async fn bridge(
    State(app): State<Arc<App>>,
    Extension(Peer(peer)): Extension<Peer>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    mut request: Request,
) -> Result<Response, Refusal> {
    let target = app.targets.get(&name).ok_or(Refusal::UnknownTarget)?;
    let read_options = ReadOptions::parse(query.as_deref().unwrap_or_default())?;
    check_origin(&app.access, request.headers())?;
    let subprotocol = match offers(request.headers(), BINARY_SUBPROTOCOL) {
        None => None,
        Some(true) => Some(BINARY_SUBPROTOCOL),
        Some(false) => return Err(Refusal::UnknownSubprotocol),
    };
    let handshake = Handshake::of(&mut request)?;
    let permit = app.sessions.open(peer)?;
    let asked = Instant::now();
    let target = target.connect(&app.resolver, app.connect_timeout).await?;
    app.metrics.connected(asked.elapsed());
    let Some(handshake) = handshake else {
        return Err(Refusal::NotAnUpgrade("the target can be reached; to talk to it"));
    };
    if let Either::Left(tcp) = &target
        && let Err(error) = tcp.set_nodelay(read_options.nodelay)
    {
        warn!(%error, "cannot set TCP_NODELAY on the connection to the target");
    }
    let span = info_span!("bridge", target = %name);
    let session = {
        let app = Arc::clone(&app);
        async move |client, read| {
            let _counted = (permit, app.metrics.session("bridge"));
            info!(recv = read_options.recv, delay = ?read_options.delay(), nodelay = read_options.nodelay, "session opened");
            let settings = Settings {
                read_options,
                max_message: app.max_frame,
                ping_interval: app.ping_interval,
                close_timeout: app.close_timeout,
                idle_timeout: app.idle_timeout,
            };
            let recorder = app.recordings.as_ref().and_then(|recordings| {
                recordings.begin(recorded_bridge(read_options, &name, app.info.header), &app.tasks)
            });
            let target = Recorded { stream: target, recorder };
            let carried = app.metrics.carried();
            // A token has a lock, and a session takes it each time that it wakes: one of its own.
            let stop = app.stop.child_token();
            let report = bridge::run(client, read, target, settings, carried, &stop).await;
            info!(up = report.up, down = report.down, "session ended: {}", report.end);
        }
    };
    Ok(handshake.accept(subprotocol, &app.tasks, span, session))
}

/// `GET /lab`: experiments on real sockets, one at a time. A plain GET learns whether there is room
/// for one.
#[cfg(unix)]
async fn experiment(
    State(app): State<Arc<App>>,
    Extension(Peer(peer)): Extension<Peer>,
    mut request: Request,
) -> Result<Response, Refusal> {
    check_origin(&app.access, request.headers())?;
    let is_offered = offers(request.headers(), LAB_SUBPROTOCOL);
    let handshake = Handshake::of(&mut request)?;
    if !is_offered.unwrap_or(handshake.is_none()) {
        return Err(Refusal::NoLabSubprotocol);
    }
    let permit = app.experiments.open(peer)?;
    let Some(handshake) = handshake else {
        return Err(Refusal::NotAnUpgrade("experiments can be run here; to run one"));
    };
    let session = {
        let app = Arc::clone(&app);
        async move |client, read| {
            let _counted = (permit, app.metrics.session("lab"));
            info!("session opened");
            let (ping_interval, close_timeout) = (app.ping_interval, app.close_timeout);
            let end =
                lab::session::run(client, read, ping_interval, close_timeout, &app.stop).await;
            info!("session ended: {end}");
        }
    };
    Ok(handshake.accept(Some(LAB_SUBPROTOCOL), &app.tasks, info_span!("lab"), session))
}

#[cfg(not(unix))]
async fn experiment() -> Refusal {
    Refusal::NoLab
}

fn host(headers: &HeaderMap) -> Result<&str, Refusal> {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next().map(HeaderValue::to_str), hosts.next()) {
        (Some(Ok(host)), None) => Ok(host),
        _ => Err(Refusal::NoHost),
    }
}

fn check_origin(access: &Access, headers: &HeaderMap) -> Result<(), Refusal> {
    let texts = |name| headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("?"));
    let mut origins = texts(header::ORIGIN);
    match (origins.next(), origins.next()) {
        (None, _) => {
            let site = texts(HeaderName::from_static("sec-fetch-site")).next();
            Ok(Access::check_fetch_site(site)?)
        }
        (Some(_), Some(_)) => Err(Refusal::ManyOrigins),
        (origin, None) => Ok(access.check_origin(origin, host(headers)?)?),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tracing::Span;

    use super::door::Client;
    use super::*;

    /// Sends a handshake for `path` and reads all that comes of it.
    async fn ask(router: Router, tasks: &TaskTracker, path: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, peer) = listener.accept().await.unwrap();
        let minute = Duration::from_mins(1);
        let door = Door { header_timeout: minute, send_timeout: minute, tls: None };
        let stop = CancellationToken::new();
        tasks.spawn(serve(stream, peer.ip(), door, router, stop));
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
        // Also the task that panicked counts as ended, so that a stop does not wait for it.
        tasks.close();
        tasks.wait().await;
    }
}
