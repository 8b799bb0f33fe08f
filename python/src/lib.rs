//! Runs Python programs that use sockets. It does no I/O and reads no clock: a program stops at each
//! system call, and goes on when it is told what came of the call.
//!
//! What comes in: the text of a program, and the results of its system calls. What goes out: the system
//! calls, what the program prints, and how it ends.
//!
//! May use: `syscall`.

#![allow(
    clippy::unnecessary_box_returns,
    reason = "an exception is boxed everywhere, so that results stay small"
)]
#![allow(
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    reason = "native functions have one signature, and so have the parts of them"
)]
#![allow(clippy::similar_names, reason = "start, stop and step are Python's names")]

mod budget;
mod builtins;
mod bytes;
mod calendar;
mod code;
mod codec;
mod compile;
mod context;
#[cfg(test)]
#[allow(dead_code, reason = "each test uses a part")]
mod cpython;
mod failure;
mod format;
mod known;
mod machine;
mod modules;
mod native;
mod numbers;
mod operators;
mod os_error;
mod outside;
mod packing;
mod random;
mod repr;
mod sequence;
mod source;
mod symbols;
mod table;
mod text;
mod types;
mod unicode;
mod value;

pub use budget::{
    Budget, MAX_LIVE_BYTES, MAX_OPERATIONS, MAX_OPERATIONS_BETWEEN_CALLS, MAX_OUTPUT, MAX_THREADS,
};
pub use compile::{CompileError, CompileErrorKind, check};
pub use context::Printed;

pub use machine::{
    Answer, Machine, Outcome, Program, Step, Stop, ThreadId, Uncaught, VisibleVariable,
};
