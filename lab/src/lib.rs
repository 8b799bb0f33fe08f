//! The lab: small socket programs, run call by call, every call recorded.
//!
//! A [`Program`] is a list of socket [`Call`]s, an [`Experiment`] a server and its clients. An engine
//! carries it out and records [`Event`]s in a [`Trace`]; a [`Timeline`] says what a trace shows at any
//! moment. The lessons are experiments with a question, and [`Command`] and [`Report`] are what a page
//! and a relay say to each other to run one on real sockets.
//!
//! This crate does no I/O and reads no clock: time is an argument, in microseconds.
//!
//! May use: `framing`, `record`.

mod experiment;
mod lessons;
mod protocol;
mod saved_file;
mod timeline;
mod trace;

pub use experiment::{
    Call, Experiment, MAX_CALLS, MAX_CLIENTS, MAX_DATA, MAX_PROGRAMS, MAX_SEND, MAX_SLEEP_MS,
    MAX_STEPS, OutOfBounds, ParseProgramError, Program, Side,
};
pub use lessons::{Lesson, Texts, Variant};
pub use protocol::{
    Command, CommandError, LAB_SUBPROTOCOL, MAX_COMMAND, MAX_SERIES, MIN_SERIES, Report,
};
pub use saved_file::{SavedFile, SavedFileError};
pub use timeline::{
    CallState, Flow, ProgramPosition, Rung, RungCrossing, RungKind, Timeline, has_rung, next_side,
    returned, rung, standing,
};
pub use trace::{
    BlockedOn, CallError, ChunkSizes, Connections, Errno, Event, EventKind, MAX_EVENTS, MAX_RUN_US,
    RunEnd, TcpInfo, TcpState, Trace, TraceError, Value,
};
