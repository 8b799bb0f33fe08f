//! The one module that knows HTTP: the page, what the relay says of itself, and the upgrade to a
//! WebSocket. Every refusal is a status and one sentence of plain text.
//!
//! In come TCP connections; out come answers, and sessions of the bridge, of the lab and of the class.
//!
//! May use: `bridge`, `class`, `lab`, `metrics`, `net`, `sessions`, `target`, `token`, `worker`.

mod acceptor;
mod access;
mod answer;
mod app;
mod authorization;
mod first_request;
mod forwarded;
mod handshake;
mod headers;
mod http_stream;
mod open_session;
mod origin;
mod peer;
mod policy;
mod proxy_protocol;
mod refusal;
mod refusal_log;
mod router;
mod security_headers;
mod server;
mod tls_failure;
mod trust;
mod turn_away;

pub(crate) use self::access::Access;
pub(crate) use self::app::App;
pub use self::origin::{Origin, ParseOriginError};
pub(crate) use self::policy::{Policies, Policy, ServedTarget};
pub(crate) use self::refusal_log::RefusalLog;
pub(crate) use self::server::HttpServer;
pub(crate) use self::trust::Trust;
pub use self::trust::{ClientFrom, ParseClientFromError, ParseTrustedProxyError, TrustedProxy};
