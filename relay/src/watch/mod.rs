//! Watches programs as they are: each runs unchanged as a separate process, and stops at each call that is about a socket,
//! the terminal or the clock. Linux alone has what that takes.
//!
//! What comes in: command lines, and what somebody types. What goes out: the events of a run, as of one in the lab.
//!
//! ```text
//! a system call -> the filter (filter.rs) -> a stop of its thread (driver.rs)
//!   -> what it asks for: its number, its arguments, the memory of its process (entered.rs)
//!   -> its end, and what it returned (returned.rs)
//!   -> EventKind::Called, Blocked, Returned, Printed (calls.rs, waits.rs)
//! ```
//!
//! May use: `programs`, `wire`.

mod births;
mod called;
mod calls;
mod debug_info;
mod descriptor;
mod driver;
mod entered;
mod epoll;
mod filter;
mod launch;
mod lines;
mod memory;
mod pace;
mod process;
mod program;
mod reach;
mod returned;
mod run;
mod seen;
mod sockets;
mod stack;
mod steps;
mod terminal;
mod thread;
mod unchanged;
mod waits;
mod watch_error;
mod wire;

pub use debug_info::source_of;
pub use driver::Watch;
pub use launch::{LAUNCH, launch};
pub use reach::{Reach, Ways};
pub use unchanged::{Unchanged, UnchangedError};
pub use watch_error::WatchError;
