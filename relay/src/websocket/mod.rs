//! WebSockets whose messages are commands and reports: those of the lab and of the class. The bridge has its own.
//!
//! What comes in: an upgraded connection. What goes out: whole messages in both directions, and pings.
//!
//! May use: `net`, `session_end`.

mod keepalive;
mod messages;

pub(crate) use self::keepalive::Keepalive;
pub(crate) use self::messages::{Received, Receiver, Sender, WebSocket, close};
