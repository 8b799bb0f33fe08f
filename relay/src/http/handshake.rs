//! The upgrade of a request to a WebSocket, RFC 6455, section 4.2.

use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
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
pub(super) struct Handshake {
    upgrade: OnUpgrade,
    response: Response,
}

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
    /// The handshake in this request. `None`: this is a plain request.
    pub(super) fn of(request: &mut Request) -> Result<Option<Self>, Refusal> {
        let upgrade = request.extensions_mut().remove::<OnUpgrade>();
        if !request.headers().contains_key(header::UPGRADE)
            && request.headers().contains_key(header::SEC_WEBSOCKET_KEY)
        {
            return Err(Refusal::UpgradeLost);
        }
        join_lines(request.headers_mut(), header::CONNECTION);
        // Nobody reads a body here. The part of it that comes late would be read as frames.
        let has_body = !request.body().is_end_stream();
        upgrade
            .filter(|_| request.headers().contains_key(header::UPGRADE))
            .map(|upgrade| {
                if has_body {
                    return Err(Refusal::BadHandshake("it has a body".to_owned()));
                }
                let version = request.headers().get(header::SEC_WEBSOCKET_VERSION);
                if version.is_some_and(|version| version != VERSION) {
                    return Err(Refusal::OtherVersion);
                }
                create_response_with_body(request, Body::empty)
                    .map(|response| Self { upgrade, response })
                    .map_err(|error| Refusal::BadHandshake(error.to_string()))
            })
            .transpose()
    }

    /// Returns the 101. After it, `session` gets the connection and the bytes that came after the request. If
    /// the client has left by then, `session` is dropped.
    pub(super) fn accept<S>(
        mut self,
        subprotocol: Option<&str>,
        tasks: &TaskTracker,
        span: Span,
        session: impl FnOnce(Client, Bytes) -> S + Send + 'static,
    ) -> Response
    where
        S: Future<Output = ()> + Send,
    {
        if let Some(subprotocol) = subprotocol {
            let subprotocol = HeaderValue::from_str(subprotocol).expect("it is a token");
            self.response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, subprotocol);
        }
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
        self.response
    }
}
