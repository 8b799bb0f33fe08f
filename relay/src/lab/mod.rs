//! The lab: what a page commands is run on real sockets.
//!
//! What comes in: an upgraded connection of a page, and commands on it. What goes out: reports of what happened.
//!
//! Programs run in a worker, a separate process; `session` joins it to the WebSocket.
//!
//! May use: `session_end`, `websocket`, `worker`.

mod session;

pub(crate) use self::session::run;
