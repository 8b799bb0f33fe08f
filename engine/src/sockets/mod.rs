//! The kernel that programs make their system calls on, and the simulated one.
//!
//! What comes in: the system calls of up to 16 programs, and the time. What goes out: what each call
//! returned or what it waits for, and what is known of each socket.
//!
//! May use: `wire`.

mod kernel;
mod simulated;

pub use kernel::{Activity, Answer, Kernel, ProgramId};
pub use simulated::{EPOCH_US, MAX_DESCRIPTORS, MAX_PROGRAMS, SimulatedKernel};
