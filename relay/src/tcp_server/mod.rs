//! The built-in TCP server. It echoes each message, and answers commands that make interesting traffic. Any
//! program that frames its messages with the header can talk to it.
//!
//! In come TCP connections; out come framed messages.
//!
//! May use: `net`.

mod command;
mod connection;
mod rules;
mod server;

pub(crate) use self::rules::Rules;
pub(crate) use self::server::run;
