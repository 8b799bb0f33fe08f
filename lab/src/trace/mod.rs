//! The trace of a run.
//!
//! What comes in: the events of a run, or a file. What goes out: a [`Trace`], an ordered list of events on one
//! microsecond clock. A trace that comes from a file is checked.
//!
//! May use: `encoding`, `experiment`.

mod bounds;
mod event;
mod network;
mod outcome;
mod run_end;
mod saved_trace;
mod segment;
mod socket;
mod tcp_state;

pub use bounds::{MAX_EVENTS, MAX_RUN_US};
pub use event::{Columns, Event, EventKind, Frame, Output, Variable};
pub use network::{Network, NoWire, NoWireReason};
pub use outcome::{Ended, Exception, Interrupted};
pub use run_end::RunEnd;
pub use saved_trace::{Trace, TraceError};
pub use segment::{Fate, Flags, Segment, SynOptions};
pub use socket::{Backlog, SendLimits, Socket};
pub use tcp_state::TcpState;
