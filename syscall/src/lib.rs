//! The system calls of programs: what a program asks of a kernel, and what the kernel answers.
//!
//! What comes in and goes out: plain values. The interpreter makes a [`Syscall`], a kernel, real or
//! simulated, answers with what it [`Returned`] or says what the call waits for, and a trace keeps all three.
//!
//! May use: `record`.

mod blocked_on;
pub mod errno;
mod syscall;
mod text;

pub use blocked_on::BlockedOn;
pub use framescope_record::Data;
pub use syscall::{Address, Clock, Fd, Ready, Returned, Shutdown, SocketOption, Syscall, Wait};
