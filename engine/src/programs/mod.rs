//! Runs Python programs against each other on one kernel.
//!
//! What comes in: the texts of programs, when each starts, and a kernel. What goes out: what happened, in
//! order; what each printed, and how it ended.
//!
//! May use: `sockets`.

mod driver;
mod event;
mod outcome;
mod running;
mod setup;
mod simulate;

pub use driver::{Driven, Programs};
pub use event::{Event, EventKind};
pub use outcome::{Ended, Interrupted};
pub use setup::{Setup, Start, When};
pub use simulate::simulate;
