//! The built-in TCP servers, on real sockets. What they say is in `engine`, in its folder `demo`.
//!
//! In come TCP connections; out come framed messages, or bytes.
//!
//! May use: `net`.

mod connection;
mod rules;
mod server;

pub(crate) use self::rules::{Kind, Rules};
pub(crate) use self::server::run;
