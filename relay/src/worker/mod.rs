//! The processes in which the programs of strangers run, one for each experiment.
//!
//! What comes in: the lab's commands, such as the texts of programs and the lines that somebody types for
//! them. What goes out: the reports of what happened, or why the process has died.
//!
//! A worker is this same executable, started with a hidden subcommand. A channel joins it to the relay: a pair of
//! sockets, or two pipes on Windows. It limits itself, runs programs, and ends with the relay.
//!
//! ```text
//! relay:   Workers --starts--> Worker <====== frames over a channel ======> ChildChannel   :worker
//!             |                   | kills and reaps                              |
//!          Spawner -> ProcessThread <- Process                            Limits, serve -> programs
//! ```
//!
//! May use: `named_file`, `programs`, `watch`, `wire`, `wire_choice`.

mod child;
mod child_stream;
mod death;
mod error;
mod frames;
mod known_wire;
mod limits;
mod message;
mod parent;
mod parent_stream;
mod process;
mod serve;
mod spawner;
mod thread;
mod trial;
#[cfg(unix)]
mod unix_limits;
#[cfg(target_os = "linux")]
mod watch;
mod work;
mod workers;

pub use death::Death;
pub use error::WorkerError;
pub use limits::Limits;
pub use message::MAX_TO_WORKER;
pub use parent::{ANSWER_TIMEOUT, Heard, Worker};
pub use serve::run_child;
pub use trial::{TRY_WIRE, try_wire};
#[cfg(target_os = "linux")]
pub use watch::watch_child;
pub use work::{WATCH_WORKER, WatchWays, WatchedRun, Work};
pub use workers::{Workers, own_executable};
