//! The lab: programs in Python that talk over sockets, and every call of a run recorded.
//!
//! What comes in: the texts of programs, and the events of a run. What goes out: experiments to run, and what to
//! show of a run.
//!
//! An [`Experiment`] is the texts of [`Program`]s, and when each starts. The engine runs an experiment and records
//! [`Event`]s in a [`Trace`]. A [`Timeline`] holds what to show of a trace at each of its moments. A [`Lesson`] is a
//! question that an experiment answers. The page sends [`Command`]s to what runs the programs, and that answers with
//! [`Report`]s.
//!
//! This crate does no I/O and reads no clock: time is an argument, in microseconds.
//!
//! May use: `framing`, `record`, `syscall`.

mod capture_file;
mod encoding;
mod experiment;
mod lessons;
mod protocol;
mod saved_file;
mod timeline;
mod trace;
pub mod version1;
mod what_if;

pub use capture_file::capture_file;
pub use experiment::{
    ETHERNET_MTU, Experiment, MAX_ARGUMENTS, MAX_DELAY_US, MAX_INPUT, MAX_MTU, MAX_NAME, MAX_ORDER,
    MAX_PROGRAMS, MAX_TEXT, MAX_WIRE_RULES, MIN_MTU, OutOfBounds, ParseWireError, Program,
    SegmentClass, Start, Turn, Until, When, WireAction, WireDirection, WireRule, WireSetup,
};
pub use lessons::{Lesson, Texts, Variant, find_variant, lessons, variant_of, variants};
pub use protocol::{
    Command, CommandError, CompileProblem, MAX_COMMAND, MAX_REPORT, MAX_TRACE, MAX_TYPED, Report,
    SUBPROTOCOL, WireCommand,
};
pub use saved_file::{
    FileProblem, FileReport, FileReports, MAX_PART, MAX_PART_EVENTS, SavedEvents, SavedFile,
};
pub use timeline::{
    Arrivals, CallHistory, Connection, Crossing, Doing, Flow, History, Rung, SegmentHistory,
    ThreadState, Timeline,
};
pub use trace::{
    Backlog, Columns, Ended, Event, EventKind, Exception, Fate, Flags, Frame, Interrupted,
    MAX_EVENTS, MAX_RUN_US, Network, NoWire, NoWireReason, Output, RunEnd, Segment, SendLimits,
    Socket, SynOptions, TcpState, Trace, TraceError, Variable,
};
pub use what_if::{Reader, WhatIf};
