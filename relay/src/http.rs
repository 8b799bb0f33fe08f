//! The one room that knows HTTP: the page, the facts about this relay, and the upgrade to a
//! WebSocket. Every refusal is a status and one sentence of plain text.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use bytes::Bytes;
#[cfg(unix)]
use framescope_lab::{LAB_SUBPROTOCOL, MAX_COMMAND};
use hyper::server::conn::http1;
use hyper::upgrade::{OnUpgrade, Parts};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use memory_serve::CacheControl;
use serde::Serialize;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_util::either::Either;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_http::set_header::SetResponseHeaderLayer;
use tracing::{Instrument as _, Span, debug, info, info_span, warn};
use url::form_urlencoded;

use crate::access::{self, Access};
use crate::bridge::{self, Settings};
#[cfg(unix)]
use crate::lab;
use crate::levers::{Levers, ParseLeversError};
use crate::metrics::{self, Metrics};
use crate::sessions::{NoSession, Sessions};
use crate::target::{ConnectError, Target};
use crate::token::Token;
use crate::websocket::WebSocket;

/// The most bytes that the head of a request may have: 16 KiB.
const MAX_HEAD: usize = 16 * 1024;

/// The subprotocol of the websockify family: bytes in binary messages.
const BINARY: &str = "binary";

/// The page runs its own scripts, its own wasm, and nothing that comes from elsewhere.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
     style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
     manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What all requests share.
pub(crate) struct App {
    pub(crate) access: Access,
    pub(crate) facts: Facts,
    pub(crate) token: Option<Token>,
    pub(crate) metrics: Metrics,
    pub(crate) targets: HashMap<String, Target>,
    /// The longest WebSocket message, in bytes.
    pub(crate) max_frame: usize,
    pub(crate) connect_timeout: Duration,
    pub(crate) ping_interval: Duration,
    pub(crate) close_timeout: Duration,
    pub(crate) idle_timeout: Option<Duration>,
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

/// `/relay.json`: what the page must know to be of use.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Facts {
    pub(crate) version: &'static str,
    /// Where the built-in TCP server listens, for programs that talk to it themselves.
    pub(crate) tcp_address: String,
    /// The built-in TCP server's header, in `struct` notation.
    pub(crate) header: &'static str,
    /// The longest payload that the built-in TCP server accepts, in bytes.
    pub(crate) max_message: usize,
    /// The names that `/bridge/{name}` knows, `demo` first.
    pub(crate) targets: Vec<String>,
    /// Can `/lab` run experiments here?
    pub(crate) lab: bool,
}

/// A client's connection, plain on the left, with TLS on the right: boxed, because its state takes more
/// room than a whole session that is plain.
type Client = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// What a connection goes through before its first request.
#[derive(Clone)]
pub(crate) struct Door {
    /// How long a client may take to send the head of a request, and to shake hands.
    pub(crate) header_timeout: Duration,
    pub(crate) tls: Option<TlsAcceptor>,
}

impl Door {
    /// `None` where the client does not manage the TLS handshake.
    async fn enter(&self, stream: TcpStream) -> Option<Client> {
        if let Err(error) = stream.set_nodelay(true) {
            warn!(%error, "cannot set TCP_NODELAY on the connection to the client");
        }
        let Some(tls) = &self.tls else { return Some(Either::Left(stream)) };
        match timeout(self.header_timeout, tls.accept(stream)).await {
            Ok(Ok(stream)) => Some(Either::Right(stream.into())),
            Ok(Err(error)) => {
                debug!(%error, "a TLS handshake failed");
                None
            }
            Err(_) => {
                debug!("a TLS handshake took too long");
                None
            }
        }
    }
}

/// Serves one connection until it closes, is upgraded, or the relay stops.
pub(crate) async fn serve(
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
    let service = TowerToHyperService::new(router.layer(Extension(Peer(peer))));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(door.header_timeout)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), service)
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

pub(crate) fn router(app: Arc<App>) -> Router {
    let page = memory_serve::load!()
        .index_file(Some("/index.html"))
        .html_cache_control(CacheControl::NoCache)
        .cache_control(CacheControl::NoCache)
        .enable_brotli(true)
        .enable_gzip(true)
        .into_router();
    let guarded = Router::new()
        .route("/bridge/{target}", get(bridge))
        .route("/lab", get(experiment))
        .route("/metrics", get(metrics))
        .route_layer(middleware::from_fn_with_state(Arc::clone(&app), check_token));
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/relay.json", get(relay_json))
        .merge(guarded)
        .merge(page)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), check_host))
        .layer(set(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .layer(set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(set(header::REFERRER_POLICY, "no-referrer"))
        .layer(set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
        .layer(set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .with_state(app)
}

fn set(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
}

async fn check_host(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
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
    let response = match checked {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    if let Some(Reason(reason)) = response.extensions().get() {
        app.metrics.refused(reason);
    }
    response
}

/// Lets those through who send the token, in `Authorization`, or, because a browser's WebSocket can
/// set no header, in the query. There it is taken out: nothing behind this sees or logs it.
async fn check_token(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let Some(token) = &app.token else { return Ok(next.run(request).await) };
    let (in_query, uri) = take_token(request.uri());
    let is_sent = match bearer(request.headers()) {
        Some(sent) => token.is(sent),
        None => in_query.is_some_and(|sent| token.is(&sent)),
    };
    if !is_sent {
        return Err(Refusal::NoToken);
    }
    *request.uri_mut() = uri;
    Ok(next.run(request).await)
}

/// What is behind `Bearer` in `Authorization`, RFC 6750, section 2.1.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The value of `token` in the query, and the same URI without it.
fn take_token(uri: &Uri) -> (Option<String>, Uri) {
    let query = uri.query().unwrap_or_default();
    let (mut token, mut rest) = (None, form_urlencoded::Serializer::new(String::new()));
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if name == "token" {
            token = Some(value.into_owned());
        } else {
            rest.append_pair(&name, &value);
        }
    }
    let uri = Uri::builder().path_and_query(format!("{}?{}", uri.path(), rest.finish())).build();
    (token, uri.expect("the path was in a URI, and the query is encoded"))
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
    ([(header::CACHE_CONTROL, "no-store")], Json(app.facts.clone()))
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
    let levers = Levers::parse(query.as_deref().unwrap_or_default())?;
    check_origin(&app.access, request.headers())?;
    let subprotocol = match offers(request.headers(), BINARY) {
        None => None,
        Some(true) => Some(BINARY),
        Some(false) => return Err(Refusal::UnknownSubprotocol),
    };
    let handshake = Handshake::of(&mut request)?;
    let permit = app.sessions.open(peer)?;
    let asked = Instant::now();
    let target = target.connect(app.connect_timeout).await?;
    app.metrics.connected(asked.elapsed());
    let Some(handshake) = handshake else {
        return Err(Refusal::NotAnUpgrade("the target can be reached; to talk to it"));
    };
    if let Either::Left(tcp) = &target
        && let Err(error) = tcp.set_nodelay(levers.nodelay)
    {
        warn!(%error, "cannot set TCP_NODELAY on the connection to the target");
    }
    let session = {
        let app = Arc::clone(&app);
        async move |client, read| {
            let _counted = (permit, app.metrics.session("bridge"));
            info!(recv = levers.recv, delay = ?levers.delay, nodelay = levers.nodelay, "session opened");
            let client = WebSocket::new(client, read, app.max_frame, levers.recv).await;
            let settings = Settings {
                levers,
                ping_interval: app.ping_interval,
                close_timeout: app.close_timeout,
                idle_timeout: app.idle_timeout,
            };
            let report = bridge::run(client, target, settings, &app.stop).await;
            app.metrics.carried(report.up, report.down);
            info!(up = report.up, down = report.down, "session ended: {}", report.end);
        }
    };
    Ok(handshake.accept(subprotocol, &app.tasks, info_span!("bridge", target = %name), session))
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
            let client = WebSocket::new(client, read, MAX_COMMAND, lab::MAX_REPORT).await;
            let (ping_interval, close_timeout) = (app.ping_interval, app.close_timeout);
            let end = lab::session::run(client, ping_interval, close_timeout, &app.stop).await;
            info!("session ended: {end}");
        }
    };
    Ok(handshake.accept(Some(LAB_SUBPROTOCOL), &app.tasks, info_span!("lab"), session))
}

#[cfg(not(unix))]
async fn experiment() -> Refusal {
    Refusal::NoLab
}

/// A WebSocket handshake that is in order and not answered yet.
struct Handshake {
    upgrade: OnUpgrade,
    response: Response,
}

impl Handshake {
    /// The one in this request; `None` in a plain one.
    fn of(request: &mut Request) -> Result<Option<Self>, Refusal> {
        let upgrade = request.extensions_mut().remove::<OnUpgrade>();
        upgrade
            .filter(|_| request.headers().contains_key(header::UPGRADE))
            .map(|upgrade| {
                create_response_with_body(request, Body::empty)
                    .map(|response| Self { upgrade, response })
                    .map_err(|error| Refusal::BadHandshake(error.to_string()))
            })
            .transpose()
    }

    /// The 101. After it `session` is given the connection, and the bytes that came behind the
    /// request; it is dropped where the client has left by then.
    fn accept<S>(
        mut self,
        subprotocol: Option<&'static str>,
        tasks: &TaskTracker,
        span: Span,
        session: impl FnOnce(Client, Bytes) -> S + Send + 'static,
    ) -> Response
    where
        S: Future<Output = ()> + Send,
    {
        if let Some(subprotocol) = subprotocol {
            let subprotocol = HeaderValue::from_static(subprotocol);
            self.response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, subprotocol);
        }
        let upgrade = self.upgrade;
        let upgraded = async move {
            match upgrade.await {
                Ok(upgraded) => {
                    let Parts { io, read_buf, .. } = upgraded
                        .downcast::<TokioIo<Client>>()
                        .expect("serve() hands hyper a TokioIo<Client>");
                    session(io.into_inner(), read_buf).await;
                }
                Err(error) => debug!(%error, "the client left during the upgrade"),
            }
        };
        tasks.spawn(upgraded.instrument(span));
        self.response
    }
}

fn host(headers: &HeaderMap) -> Result<&str, Refusal> {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next().map(HeaderValue::to_str), hosts.next()) {
        (Some(Ok(host)), None) => Ok(host),
        _ => Err(Refusal::NoHost),
    }
}

fn check_origin(access: &Access, headers: &HeaderMap) -> Result<(), Refusal> {
    let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or("?"));
    match text(header::ORIGIN) {
        None => Ok(Access::check_fetch_site(text(HeaderName::from_static("sec-fetch-site")))?),
        origin => Ok(access.check_origin(origin, host(headers)?)?),
    }
}

/// Is `known` among the subprotocols that are offered? `None` where none is. Lists are read
/// leniently, over several header lines, with or without spaces.
fn offers(headers: &HeaderMap, known: &str) -> Option<bool> {
    let mut offered = headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .flat_map(|line| line.to_str().unwrap_or("?").split(','))
        .map(str::trim)
        .filter(|token| !token.is_empty())
        .peekable();
    offered.peek()?;
    Some(offered.any(|token| token == known))
}

/// Why a request is not served.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("a request has one Host header")]
    NoHost,
    #[error("the request's target and its Host header name different hosts")]
    TwoHosts,
    #[error(transparent)]
    Access(#[from] access::Refused),
    #[error("a token is asked for here: Authorization: Bearer TOKEN, or ?token=TOKEN")]
    NoToken,
    #[error("there is no target of this name; /relay.json lists them")]
    UnknownTarget,
    #[error(transparent)]
    Levers(#[from] ParseLeversError),
    #[error("the only subprotocol here is \"{BINARY}\"; offer it, or none")]
    UnknownSubprotocol,
    #[cfg(unix)]
    #[error("the only subprotocol here is \"{LAB_SUBPROTOCOL}\"; offer it")]
    NoLabSubprotocol,
    #[error("this is not a WebSocket handshake: {0}")]
    BadHandshake(String),
    #[error(transparent)]
    NoSession(#[from] NoSession),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("{0}, open a WebSocket here")]
    NotAnUpgrade(&'static str),
    #[cfg(not(unix))]
    #[error("this system has no sockets for the lab; the simulated kernel needs none")]
    NoLab,
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::NoHost
            | Self::TwoHosts
            | Self::Levers(_)
            | Self::UnknownSubprotocol
            | Self::BadHandshake(_) => StatusCode::BAD_REQUEST,
            #[cfg(unix)]
            Self::NoLabSubprotocol => StatusCode::BAD_REQUEST,
            #[cfg(not(unix))]
            Self::NoLab => StatusCode::NOT_IMPLEMENTED,
            Self::Access(access::Refused::Host) => StatusCode::MISDIRECTED_REQUEST,
            Self::Access(_) => StatusCode::FORBIDDEN,
            Self::NoToken => StatusCode::UNAUTHORIZED,
            Self::UnknownTarget => StatusCode::NOT_FOUND,
            Self::NoSession(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Connect(ConnectError::Failed { .. }) => StatusCode::BAD_GATEWAY,
            Self::Connect(ConnectError::TimedOut { .. }) => StatusCode::GATEWAY_TIMEOUT,
            Self::NotAnUpgrade(_) => StatusCode::UPGRADE_REQUIRED,
        }
    }
}

/// Why a request was refused, as the metrics call it.
#[derive(Clone, Copy, Debug)]
struct Reason(&'static str);

impl Refusal {
    /// `None` where nothing was refused: there is only nothing to be had by a plain request.
    fn reason(&self) -> Option<Reason> {
        Some(Reason(match self {
            Self::NoHost | Self::TwoHosts | Self::Access(access::Refused::Host) => "host",
            Self::Access(_) => "origin",
            Self::NoToken => "token",
            Self::UnknownTarget => "unknown_target",
            Self::Levers(_) => "query",
            Self::UnknownSubprotocol => "subprotocol",
            #[cfg(unix)]
            Self::NoLabSubprotocol => "subprotocol",
            #[cfg(not(unix))]
            Self::NoLab => "no_lab",
            Self::BadHandshake(_) => "handshake",
            Self::NoSession(NoSession::Relay) => "max_sessions",
            Self::NoSession(NoSession::Address) => "max_sessions_per_address",
            Self::Connect(ConnectError::Failed { .. }) => "connect_failed",
            Self::Connect(ConnectError::TimedOut { .. }) => "connect_timeout",
            Self::NotAnUpgrade(_) => return None,
        }))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.status();
        if !matches!(self, Self::NotAnUpgrade(_)) {
            info!(status = status.as_u16(), "request refused: {self}");
        }
        let mut response = (status, format!("{self}\n")).into_response();
        if let Some(reason) = self.reason() {
            response.extensions_mut().insert(reason);
        }
        if let Self::NoToken = self {
            // RFC 9110, section 15.5.2: a 401 names how to be let in.
            let scheme = HeaderValue::from_static("Bearer realm=\"framescope\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        if let Self::NotAnUpgrade(_) = self {
            // RFC 9110, section 15.5.22: a 426 names what to upgrade to.
            response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// Sends a handshake for `path` and reads all that comes of it.
    async fn ask(router: Router, tasks: &TaskTracker, path: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, peer) = listener.accept().await.unwrap();
        let door = Door { header_timeout: Duration::from_mins(1), tls: None };
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
