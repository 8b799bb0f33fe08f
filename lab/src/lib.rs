//! The lab: small socket programs, run call by call, every call recorded.
//!
//! What comes in: the text of programs, and the events of a run. What goes out: experiments to run, and what to
//! show of a run.
//!
//! A [`Program`] is a list of socket [`Call`]s. An [`Experiment`] is the programs of a server and its
//! clients. The engine runs an experiment and records [`Event`]s in a [`Trace`]. A [`Timeline`] holds
//! what to show of a trace at each of its moments. A [`Lesson`] is a question that an experiment
//! answers. The page sends [`Command`]s to the relay to run an experiment on real sockets, and the relay
//! answers with [`Report`]s. [`python`] has the same for programs that are Python.
//!
//! This crate does no I/O and reads no clock: time is an argument, in microseconds.
//!
//! May use: `framing`, `record`, `syscall`.

pub mod course;
mod experiment;
mod lessons;
mod protocol;
pub mod python;
mod saved_file;
mod timeline;
mod trace;
pub mod version1;

pub use experiment::{
    Call, Experiment, MAX_CALLS, MAX_CLIENTS, MAX_DATA, MAX_PROGRAMS, MAX_SEND, MAX_SLEEP_MS,
    MAX_STEPS, OutOfBounds, ParseProgramError, Program, Side,
};
pub use lessons::{Lesson, Texts, Variant, find_variant, lessons, returned, variants};
pub use protocol::{
    Command, CommandError, LAB_SUBPROTOCOL, MAX_COMMAND, MAX_SERIES, MIN_SERIES, Report,
};
pub use saved_file::{SavedFile, SavedFileError};
pub use timeline::{
    Connection, Crossing, Doing, Flow, History, Reader, Rung, ThreadHistory, ThreadState, Timeline,
};
pub use trace::{
    BlockedOn, CallError, ChunkSizes, Connections, Errno, Event, EventKind, MAX_EVENTS, MAX_RUN_US,
    RunEnd, TcpInfo, TcpState, Trace, TraceError, Value,
};
