//! The upgrade of a request to a WebSocket, RFC 6455, section 4.2.

use axum::body::HttpBody as _;
use axum::extract::Request;
use axum::http::{self, HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use hyper::upgrade::{OnUpgrade, Parts};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_util::task::TaskTracker;
use tracing::{Instrument as _, Span, debug};

use super::acceptor::Client;
use super::http_stream::HttpStream;
use super::refusal::{Refusal, VERSION};

/// A valid WebSocket handshake that is not answered yet.
pub(super) struct Handshake(http::Response<()>);

/// The lines of a list are one list: RFC 9110, section 5.3.
fn join_lines(headers: &mut HeaderMap, name: HeaderName) {
    let lines: Vec<&[u8]> = headers.get_all(&name).iter().map(HeaderValue::as_bytes).collect();
    if lines.len() > 1
        && let Ok(joined) = HeaderValue::from_bytes(&lines.join(&b", "[..]))
    {
        headers.insert(name, joined);
    }
}

impl Handshake {
    /// The handshake of a request that asks for an upgrade, and has no body.
    pub(super) fn of<B>(request: &mut http::Request<B>) -> Result<Self, Refusal> {
        join_lines(request.headers_mut(), header::CONNECTION);
        // RFC 6455, section 11.3: each of them once.
        for once in [header::SEC_WEBSOCKET_KEY, header::SEC_WEBSOCKET_VERSION] {
            if request.headers().get_all(&once).iter().nth(1).is_some() {
                return Err(Refusal::BadHandshake(format!("it has two {once} headers")));
            }
        }
        let version = request.headers().get(header::SEC_WEBSOCKET_VERSION);
        if version.is_some_and(|version| version != VERSION) {
            return Err(Refusal::OtherVersion);
        }
        create_response_with_body(request, || ())
            .map(Self)
            .map_err(|error| Refusal::BadHandshake(error.to_string()))
    }

    /// The 101 that answers it.
    pub(super) fn answer(mut self, subprotocol: Option<&str>) -> http::Response<()> {
        if let Some(subprotocol) = subprotocol {
            let subprotocol = HeaderValue::from_str(subprotocol).expect("it is a token");
            self.0.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, subprotocol);
        }
        self.0
    }
}

/// A handshake on a connection that the library for HTTP has.
pub(super) struct Upgrade {
    handshake: Handshake,
    upgrade: OnUpgrade,
}

impl Upgrade {
    /// `None`: this is a plain request.
    pub(super) fn of(request: &mut Request) -> Result<Option<Self>, Refusal> {
        let upgrade = request.extensions_mut().remove::<OnUpgrade>();
        if !request.headers().contains_key(header::UPGRADE) {
            let is_lost = request.headers().contains_key(header::SEC_WEBSOCKET_KEY);
            return if is_lost { Err(Refusal::UpgradeLost) } else { Ok(None) };
        }
        let Some(upgrade) = upgrade else { return Ok(None) };
        // Nobody reads a body here. The part of it that comes late would be read as frames.
        if !request.body().is_end_stream() {
            return Err(Refusal::BadHandshake("it has a body".to_owned()));
        }
        Handshake::of(request).map(|handshake| Some(Self { handshake, upgrade }))
    }

    /// Returns the 101. After it, `session` gets the connection and the bytes that came after the request. If
    /// the client has left by then, `session` is dropped.
    pub(super) fn accept<S>(
        self,
        subprotocol: Option<&str>,
        tasks: &TaskTracker,
        span: Span,
        session: impl FnOnce(Client, Bytes) -> S + Send + 'static,
    ) -> Response
    where
        S: Future<Output = ()> + Send,
    {
        let upgrade = self.upgrade;
        let upgraded = async move {
            match upgrade.await {
                Ok(upgraded) => {
                    let Parts { io, read_buf, .. } = upgraded
                        .downcast::<TokioIo<HttpStream<Client>>>()
                        .expect("serve() hands hyper a TokioIo<HttpStream<Client>>");
                    session(io.into_inner().into_inner(), read_buf).await;
                }
                Err(error) => debug!(%error, "the client left during the upgrade"),
            }
        };
        tasks.spawn(upgraded.instrument(span));
        self.handshake.answer(subprotocol).map(|()| axum::body::Body::empty())
    }
}
