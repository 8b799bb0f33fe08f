//! What the bridge may connect to: chosen on the command line, never by a client.
//!
//! In comes the text of an option, `NAME=HOST:PORT`; out comes a connection, or why there is none.
//!
//! May use: `comma_list`, `net`, `token`.

mod certificate_verifier;
mod connector;
mod happy_eyeballs;
mod parse;
mod proxy_header;
mod resolver;
mod tls;

#[cfg(unix)]
use std::path::PathBuf;

use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_util::either::Either;

pub(crate) use self::connector::{ConnectError, ConnectSettings, Connector};
pub use self::parse::{ParseTargetError, parse_targets};
pub(crate) use self::proxy_header::Ends;
pub(crate) use self::resolver::Resolver;
pub(crate) use self::tls::TargetTlsConfigs;
pub use self::tls::TargetTlsError;
use crate::net::Socket;
use crate::token::TokenSource;

/// A connection to a target: without TLS on the left, with it on the right. The bridge treats them alike.
pub(crate) type TargetStream = Either<Socket, Box<TlsStream<Socket>>>;

/// A server that the bridge may connect to, written `NAME=HOST:PORT` or `NAME=unix:/PATH`, and after it
/// `,KEY=VALUE` for each option.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Target {
    /// What clients call it: `/bridge/{name}`. Letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// Where it listens.
    pub address: Address,
    /// Subprotocols of a WebSocket that it speaks, such as `mqtt`. The bridge passes its bytes on as they are.
    pub subprotocols: Vec<String>,
    /// Who it must prove to be. `None`: it is spoken to without TLS.
    pub tls: Option<TargetTls>,
    /// Whether it is told first who the client is, in a header of the PROXY protocol, version 2.
    pub sends_proxy_header: bool,
    /// The token that its clients must send instead of the relay's. `None`: the relay's counts.
    pub token: Option<TokenSource>,
    /// The most sessions with it at a time. `None`: as many as the relay has.
    pub max_sessions: Option<usize>,
}

/// TLS towards a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetTls {
    /// The name that its certificate must be for, and that it is sent (RFC 6066, section 3).
    pub name: ServerName<'static>,
    /// The certificates of those who may have signed its certificate, or its certificate itself, a PEM file. `None`: those
    /// that the system trusts.
    pub ca: Option<std::path::PathBuf>,
}

/// Where a target listens.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Address {
    /// A host name or IP address and a port; IPv6 in brackets. A name is looked up for each connection.
    Tcp(String),
    /// The absolute path of a stream socket, unix(7).
    #[cfg(unix)]
    Unix(PathBuf),
}

impl Target {
    /// A target without options.
    #[must_use]
    pub fn new(name: impl Into<String>, address: Address) -> Self {
        Self {
            name: name.into(),
            address,
            subprotocols: Vec::new(),
            tls: None,
            sends_proxy_header: false,
            token: None,
            max_sessions: None,
        }
    }
}
