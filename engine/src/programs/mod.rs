//! Runs Python programs against each other on one kernel.
//!
//! What comes in: an experiment, a kernel, and the commands that step it. What goes out: what happened, in
//! order; what each program printed, and how it ended.
//!
//! May use: `sockets`, `wire`.

mod driver;
mod pace;
mod problems;
mod recorder;
mod running;
mod session;
mod simulate;
mod steppable;
mod thread;

pub use driver::Programs;
pub use recorder::Recorder;
pub use session::Session;
pub use simulate::{go_on, settle, simulate};
pub use steppable::{Driven, Steppable, Waiting};
