//! The one room that knows HTTP: the page, the facts about this relay, and the upgrade to a
//! WebSocket. Every refusal is a status and one sentence of plain text.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use hyper::server::conn::http1;
use hyper::upgrade::{OnUpgrade, Parts};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use memory_serve::CacheControl;
use serde::Serialize;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_http::set_header::SetResponseHeaderLayer;
use tracing::{Instrument as _, debug, info, info_span, warn};

use crate::access::{self, Access};
use crate::bridge::{self, Settings};
use crate::levers::{Levers, ParseLeversError};
use crate::sessions::{NoSession, Sessions};
use crate::target::{ConnectError, Target};
use crate::websocket::WebSocket;

/// How long a client may take to send the head of a request.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

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
    pub(crate) targets: HashMap<String, Target>,
    /// The longest WebSocket message, in bytes.
    pub(crate) max_frame: usize,
    pub(crate) connect_timeout: Duration,
    pub(crate) ping_interval: Duration,
    pub(crate) close_timeout: Duration,
    /// The bridge sessions that may still be opened.
    pub(crate) sessions: Sessions,
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
}

/// Serves one connection until it closes, is upgraded, or the relay stops.
pub(crate) async fn serve(
    stream: TcpStream,
    peer: IpAddr,
    router: Router,
    stop: CancellationToken,
) {
    let service = TowerToHyperService::new(router.layer(Extension(Peer(peer))));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
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
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/relay.json", get(relay_json))
        .route("/bridge/{target}", get(bridge))
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
    let checked = host(request.headers()).and_then(|host| Ok(app.access.check_host(host)?));
    match checked {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
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
    let subprotocol = choose_subprotocol(request.headers())?;
    let upgrade = request.extensions_mut().remove::<OnUpgrade>();
    let handshake = upgrade
        .filter(|_| request.headers().contains_key(header::UPGRADE))
        .map(|upgrade| {
            create_response_with_body(&request, Body::empty)
                .map(|response| (upgrade, response))
                .map_err(|error| Refusal::BadHandshake(error.to_string()))
        })
        .transpose()?;
    let permit = app.sessions.open(peer)?;
    let tcp = target.connect(app.connect_timeout).await?;
    let Some((upgrade, mut response)) = handshake else { return Err(Refusal::NotAnUpgrade) };
    if let Err(error) = tcp.set_nodelay(levers.nodelay) {
        warn!(%error, "cannot set TCP_NODELAY on the connection to the target");
    }
    if let Some(subprotocol) = subprotocol {
        response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, subprotocol);
    }
    let session = {
        let app = Arc::clone(&app);
        async move {
            let _permit = permit;
            match upgrade.await {
                Ok(upgraded) => run_session(upgraded, tcp, levers, &app).await,
                Err(error) => debug!(%error, "the client left during the upgrade"),
            }
        }
    };
    app.tasks.spawn(session.instrument(info_span!("bridge", target = %name)));
    Ok(response)
}

async fn run_session(
    upgraded: hyper::upgrade::Upgraded,
    tcp: TcpStream,
    levers: Levers,
    app: &App,
) {
    let Parts { io, read_buf, .. } = upgraded
        .downcast::<TokioIo<TcpStream>>()
        .expect("serve() hands hyper a TokioIo<TcpStream>");
    let client = io.into_inner();
    if let Err(error) = client.set_nodelay(true) {
        warn!(%error, "cannot set TCP_NODELAY on the connection to the client");
    }
    info!(recv = levers.recv, delay = ?levers.delay, nodelay = levers.nodelay, "session opened");
    let client = WebSocket::new(client, read_buf, app.max_frame, levers.recv).await;
    let settings =
        Settings { levers, ping_interval: app.ping_interval, close_timeout: app.close_timeout };
    let report = bridge::run(client, tcp, settings, &app.stop).await;
    info!(up = report.up, down = report.down, "session ended: {}", report.end);
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

/// The subprotocol to answer with: `binary` where it is offered, none where none is offered.
/// Lists are read leniently, over several header lines, with or without spaces.
fn choose_subprotocol(headers: &HeaderMap) -> Result<Option<HeaderValue>, Refusal> {
    let mut offered = headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .flat_map(|line| line.to_str().unwrap_or("?").split(','))
        .map(str::trim)
        .filter(|token| !token.is_empty())
        .peekable();
    if offered.peek().is_none() {
        return Ok(None);
    }
    if offered.any(|token| token == BINARY) {
        Ok(Some(HeaderValue::from_static(BINARY)))
    } else {
        Err(Refusal::UnknownSubprotocol)
    }
}

/// Why a request is not served.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("a request has one Host header")]
    NoHost,
    #[error(transparent)]
    Access(#[from] access::Refused),
    #[error("there is no target of this name; /relay.json lists them")]
    UnknownTarget,
    #[error(transparent)]
    Levers(#[from] ParseLeversError),
    #[error("the only subprotocol here is \"{BINARY}\"; offer it, or none")]
    UnknownSubprotocol,
    #[error("this is not a WebSocket handshake: {0}")]
    BadHandshake(String),
    #[error(transparent)]
    NoSession(#[from] NoSession),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("the target can be reached; to talk to it, open a WebSocket here")]
    NotAnUpgrade,
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::NoHost | Self::Levers(_) | Self::UnknownSubprotocol | Self::BadHandshake(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::Access(access::Refused::Host) => StatusCode::MISDIRECTED_REQUEST,
            Self::Access(_) => StatusCode::FORBIDDEN,
            Self::UnknownTarget => StatusCode::NOT_FOUND,
            Self::NoSession(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Connect(ConnectError::Failed { .. }) => StatusCode::BAD_GATEWAY,
            Self::Connect(ConnectError::TimedOut { .. }) => StatusCode::GATEWAY_TIMEOUT,
            Self::NotAnUpgrade => StatusCode::UPGRADE_REQUIRED,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.status();
        if !matches!(self, Self::NotAnUpgrade) {
            info!(status = status.as_u16(), "request refused: {self}");
        }
        let mut response = (status, format!("{self}\n")).into_response();
        if let Self::NotAnUpgrade = self {
            // RFC 9110, section 15.5.22: a 426 names what to upgrade to.
            response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        }
        response
    }
}
