//! Runs the experiments of the lab.
//!
//! What comes in: an experiment, a kernel, and the steps to take. What goes out: the events of a trace.
//!
//! A [`Process`] runs one program. It says which system call it needs next, and takes the outcome.
//! A [`Run`] steps the processes of an experiment and makes their system calls on a [`Kernel`]. Two
//! kernels exist: the [`SimulatedKernel`] here, on a virtual clock, and the relay's, on real sockets.
//! Both yield the same event types. [`replay()`] reads the bytes of a recorded trace again, with
//! another reader. That reader is a [`Process`] too.
//!
//! This crate does no I/O and reads no clock: time is an argument, in microseconds.
//!
//! May use: `framing`, `record`, `syscall`, `lab`, `python`.

mod kernel;
#[cfg(feature = "programs")]
pub mod programs;
mod replay;
mod run;
mod simulated_kernel;
#[cfg(feature = "programs")]
pub mod sockets;

pub use kernel::{Answer, Kernel, Outcome, Syscall};
pub use replay::{Replay, replay};
pub use run::{
    Next, Process, Run, deadlock_us, play_simulated, settle_simulated, simulate, simulate_freely,
    wait_simulated,
};
pub use simulated_kernel::SimulatedKernel;
