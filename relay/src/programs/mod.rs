//! Runs Python programs against each other on real sockets of this machine.
//!
//! What comes in: the texts of programs, and when each starts. What goes out: what each printed, and how
//! it ended.
//!
//! May use: `net`, `wire`.

#[cfg(target_os = "linux")]
mod alarm;
#[cfg(target_os = "linux")]
mod captured;
mod failed;
mod kernel;
mod network;
mod open_socket;
mod options;
mod place;
mod poller;
mod ports;
mod reports;
mod run;
mod trial;
mod waiting;

#[cfg(target_os = "linux")]
pub(crate) use captured::Captured;
pub use kernel::RealKernel;
#[cfg(target_os = "linux")]
pub(crate) use open_socket::changed_by;
pub use place::Place;
pub use poller::Waker;
#[cfg(target_os = "linux")]
pub(crate) use reports::{Ends, Report, Reporter, kept_without_descriptor, not_accepted};
pub use run::{RealPrograms, read_meanwhile, run};
pub use trial::try_wire;
