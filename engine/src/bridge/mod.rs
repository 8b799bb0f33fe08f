//! A bridge to a built-in server, over the simulated kernel. It is to the page what a relay's bridge is.
//!
//! What comes in: the path of a bridge, the client's messages, and the time. What goes out: messages of
//! `framescope.reads.v1`, and the close code and the reason at the end.
//!
//! May use: `demo`, `sockets`.

mod calls;
mod server;
mod session;
mod wakeup;

pub use session::{Bridge, Given, MAX_UNCONFIRMED, OpenError};
