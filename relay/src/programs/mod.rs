//! Runs Python programs against each other on real sockets of this machine.
//!
//! What comes in: the texts of programs, and when each starts. What goes out: what each printed, and how
//! it ended.
//!
//! May use: `net`.

mod kernel;
mod options;
mod ports;
mod reports;
mod run;
mod waiting;

pub use kernel::RealKernel;
pub(crate) use run::rest_us;
pub use run::run;
