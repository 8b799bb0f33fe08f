//! The challenge on real sockets: a client in one case.
//!
//! What comes in: a connection of a client. What goes out: its greeting, and a verdict.
//!
//! May use: nothing.

mod greeting;
mod play;

pub use self::greeting::{MAX_GREETING, NoGreeting, greet};
pub use self::play::{PATIENCE, play};
