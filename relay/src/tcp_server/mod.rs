//! The built-in TCP servers. One echoes each message, and answers commands that make interesting traffic: any
//! program that frames its messages with the header can talk to it. The other knows no header and echoes bytes.
//!
//! In come TCP connections; out come framed messages, or bytes.
//!
//! May use: `net`.

mod command;
mod connection;
mod framed;
mod plain;
mod rules;
mod server;

pub(crate) use self::connection::Conversation;
pub(crate) use self::rules::Rules;
pub(crate) use self::server::Server;
