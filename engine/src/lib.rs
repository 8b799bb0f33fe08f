//! Carries out the experiments of the lab.
//!
//! A [`Process`] carries one program out: it says which system call it wants next and is told what came
//! of it. A [`Run`] steps the processes of an experiment and makes their calls on a [`Kernel`]. Two
//! kernels exist: the [`SimulatedKernel`] here, on a virtual clock, and the relay's, on real sockets.
//! Both yield the same events. [`replay()`] reads a recorded trace once more with another reader, which
//! is the same process.
//!
//! This crate does no I/O and reads no clock: time is an argument, in microseconds.
//!
//! May use: `framing`, `record`, `lab`.

mod kernel;
mod replay;
mod run;
mod simulated_kernel;

pub use kernel::{Answer, Kernel, Outcome, Syscall};
pub use replay::{Replay, replay};
pub use run::{Next, Process, Run, deadlock_us, simulate, simulate_freely};
pub use simulated_kernel::SimulatedKernel;
