//! The conversations of the built-in servers. One echoes each message, and answers commands that make interesting
//! traffic. The other knows no header and echoes bytes.
//!
//! What comes in: the bytes that each `recv()` of a connection returned. What goes out: what the server does next, one
//! call or one pause at a time. The relay does it on real sockets, `bridge` on simulated ones. Nothing is made before it is
//! needed, and no more than one message is kept.
//!
//! May use: nothing.

mod action;
mod command;
mod conversation;
mod framed;
mod plain;

pub use action::{Action, End};
pub use conversation::{Conversation, RECV};
pub use framed::Framed;
pub use plain::Plain;
