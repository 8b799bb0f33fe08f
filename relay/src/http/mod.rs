//! The one module that knows HTTP: the page, what the relay says of itself, and the upgrade to a
//! WebSocket. Every refusal is a status and one sentence of plain text.
//!
//! In come TCP connections; out come answers, and sessions of the bridge, of the lab and of the class.
//!
//! May use: `bridge`, `class`, `lab`, `metrics`, `net`, `sessions`, `target`, `worker`.

mod acceptor;
mod access;
mod app;
mod authorization;
mod handshake;
mod headers;
mod open_session;
mod origin;
mod refusal;
mod refusal_log;
mod router;
mod security_headers;
mod send_timeout;
mod server;
mod token;
mod turn_away;

pub(crate) use self::acceptor::Acceptor;
pub(crate) use self::access::Access;
pub(crate) use self::app::App;
pub use self::origin::{Origin, ParseOriginError};
pub(crate) use self::refusal_log::RefusalLog;
pub(crate) use self::server::HttpServer;
pub use self::token::{ParseTokenError, Token};
