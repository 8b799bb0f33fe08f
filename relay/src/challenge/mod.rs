//! The challenge on real sockets: a client in one case.
//!
//! What comes in: a connection of a client. What goes out: its greeting, a verdict, and what crossed.
//!
//! May use: nothing.

mod greeting;
mod play;
mod right;
mod tape;

pub use self::greeting::{MAX_GREETING, NoGreeting, greet};
pub use self::play::{PATIENCE, Played, play};
pub use self::right::play_right;
pub use self::tape::Tape;
