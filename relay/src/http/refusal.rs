//! Why a request is refused: a status, one sentence, and a word for the metrics. To change the text of a
//! refusal, change its sentence here. Those about hosts and origins stand in `access.rs`, about session limits in
//! `../sessions.rs`, about targets in `../target/mod.rs`.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use framescope_class as class;
use framescope_lab::SUBPROTOCOL;
use framescope_protocol::{BINARY_SUBPROTOCOL, ParseReadOptionsError, READS_SUBPROTOCOL, Refused};

use super::access;
use crate::sessions::NoSession;
use crate::target::ConnectError;

/// The version of the WebSocket protocol, RFC 6455, section 4.1.
pub(super) const VERSION: &str = "13";

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("a request has one Host header")]
    NoHost,
    #[error("the request's target and its Host header name different hosts")]
    TwoHosts,
    #[error("a request has one Origin header at most")]
    ManyOrigins,
    #[error(transparent)]
    Access(#[from] access::Refused),
    #[error("a token is asked for here: Authorization: Bearer TOKEN, or ?token=TOKEN")]
    NoToken,
    #[error("a request has one token at most")]
    ManyTokens,
    #[error("there is no target of this name; /relay.json lists them")]
    UnknownTarget,
    #[error(transparent)]
    ReadOptions(#[from] ParseReadOptionsError),
    #[error(
        "the subprotocols here are {}\"{BINARY_SUBPROTOCOL}\" and \"{READS_SUBPROTOCOL}\"; offer one, or none",
        .0.iter().flat_map(|own| ["\"", own, "\", "]).collect::<String>()
    )]
    UnknownSubprotocol(Vec<String>),
    #[error("the subprotocol here is \"{SUBPROTOCOL}\"; offer it")]
    NoLabSubprotocol,
    #[error("no class is going on here")]
    NoClass,
    #[error("the subprotocol here is \"{}\"; offer it", class::SUBPROTOCOL)]
    NoClassSubprotocol,
    #[error("this is not a WebSocket handshake: {0}")]
    BadHandshake(String),
    #[error("the version of the WebSocket protocol here is {VERSION}")]
    OtherVersion,
    #[error(
        "this is a WebSocket handshake without its Upgrade header: a proxy in front did not pass it on"
    )]
    UpgradeLost,
    #[error("there is nothing at this path; the page is at /, and /relay.json lists the targets")]
    NoPage,
    #[error(transparent)]
    NoSession(#[from] NoSession),
    #[error("the target has reached its limit of sessions; try again when one has closed")]
    TargetFull,
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("{0}, open a WebSocket here")]
    NotAnUpgrade(&'static str),
}

impl Refusal {
    fn status(&self) -> StatusCode {
        let explained = match self {
            Self::NoHost
            | Self::TwoHosts
            | Self::ManyOrigins
            | Self::ManyTokens
            | Self::ReadOptions(_)
            | Self::UnknownSubprotocol(_)
            | Self::NoLabSubprotocol
            | Self::NoClassSubprotocol
            | Self::BadHandshake(_) => return StatusCode::BAD_REQUEST,
            Self::Access(access::Refused::Host { .. }) => Refused::Host,
            Self::NoPage => return StatusCode::NOT_FOUND,
            Self::Access(access::Refused::Origin { .. } | access::Refused::FetchSite) => {
                Refused::Origin
            }
            Self::NoToken => Refused::NoToken,
            Self::UnknownTarget | Self::NoClass => Refused::UnknownTarget,
            Self::NoSession(NoSession::Relay | NoSession::Address)
            | Self::TargetFull
            | Self::Connect(ConnectError::Shortage { .. }) => Refused::TooMany,
            Self::Connect(ConnectError::Failed { .. }) => Refused::TargetUnreachable,
            Self::Connect(ConnectError::TimedOut { .. }) => Refused::TargetTimedOut,
            Self::NotAnUpgrade(_) | Self::OtherVersion | Self::UpgradeLost => Refused::NotAnUpgrade,
        };
        StatusCode::from_u16(explained.status()).expect("every one of them is a status")
    }
}

/// The word for a path at which there is nothing.
pub(super) const NO_PAGE: &str = "path";

/// Why a request was refused.
#[derive(Clone, Debug)]
pub(super) struct Told {
    /// As the metrics call it.
    pub(super) reason: &'static str,
    pub(super) sentence: String,
}

impl Refusal {
    /// `None`: nothing was refused. A plain request can only be told to open a WebSocket.
    fn reason(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoHost | Self::TwoHosts | Self::Access(access::Refused::Host { .. }) => "host",
            Self::ManyOrigins
            | Self::Access(access::Refused::Origin { .. } | access::Refused::FetchSite) => "origin",
            Self::NoToken | Self::ManyTokens => "token",
            Self::UnknownTarget => "unknown_target",
            Self::NoClass => "no_class",
            Self::ReadOptions(_) => "query",
            Self::UnknownSubprotocol(_) | Self::NoLabSubprotocol | Self::NoClassSubprotocol => {
                "subprotocol"
            }
            Self::BadHandshake(_) => "handshake",
            Self::OtherVersion => "version",
            Self::UpgradeLost => "upgrade_lost",
            Self::NoPage => NO_PAGE,
            Self::NoSession(NoSession::Relay) => "max_sessions",
            Self::NoSession(NoSession::Address) => "max_sessions_per_address",
            Self::TargetFull => "max_sessions_of_target",
            Self::Connect(ConnectError::Shortage { .. }) => "shortage",
            Self::Connect(ConnectError::Failed { .. }) => "connect_failed",
            Self::Connect(ConnectError::TimedOut { .. }) => "connect_timeout",
            Self::NotAnUpgrade(_) => return None,
        })
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        self.response().map(Body::from)
    }
}

impl Refusal {
    /// The status, the sentence as plain text, and what is told to who runs the relay.
    pub(super) fn response(self) -> axum::http::Response<String> {
        let status = self.status();
        let mut response = axum::http::Response::new(format!("{self}\n"));
        *response.status_mut() = status;
        let plain_text = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, plain_text);
        if let Some(reason) = self.reason() {
            response.extensions_mut().insert(Told { reason, sentence: self.to_string() });
        }
        if let Self::NoToken = self {
            // RFC 9110, section 15.5.2: a 401 names the authentication scheme.
            let scheme = HeaderValue::from_static("Bearer realm=\"framescope\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        if status == StatusCode::UPGRADE_REQUIRED {
            // RFC 9110, section 15.5.22: a 426 names what to upgrade to, and RFC 6455, section 4.4: in which version.
            let headers = response.headers_mut();
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
            headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static(VERSION));
        }
        response
    }
}
