//! Runs the experiments of the lab.
//!
//! What comes in: an experiment, a kernel, and the commands that step it. What goes out: the events of a trace.
//!
//! [`programs`] runs the Python of each program until its next system call, and makes the call on a kernel. Two
//! kernels exist: the simulated one in [`sockets`], on a virtual clock, and the relay's, on real sockets. Both yield
//! the same event types. [`wire`] says what becomes of each segment between two sockets.
//!
//! [`demo`] has the conversations of the relay's built-in servers, and [`bridge`] has them on the simulated kernel.
//!
//! This crate does no I/O and reads no clock: time is an argument, in microseconds.
//!
//! May use: `framing`, `protocol`, `syscall`, `lab`, `python`.

pub mod bridge;
pub mod demo;
pub mod programs;
pub mod sockets;
pub mod wire;
