//! The trace of a run.
//!
//! What comes in: the events of a run, or a file. What goes out: a [`Trace`], an ordered list of events
//! on one microsecond clock. A trace that comes from a file is checked.
//!
//! May use: `experiment`.

mod bounds;
mod check;
mod chunk_sizes;
mod connections;
mod errno;
mod event;
mod tcp_info;
mod value;

pub use bounds::{MAX_EVENTS, MAX_RUN_US};
pub use chunk_sizes::ChunkSizes;
pub use connections::Connections;
pub use errno::Errno;
pub use event::{BlockedOn, Event, EventKind};
pub use tcp_info::{TcpInfo, TcpState};
pub use value::{CallError, Value};

use std::fmt;

use framescope_record::Source;
use serde::{Deserialize, Serialize};

use self::check::Checker;
use crate::experiment::{Experiment, OutOfBounds};

/// The version of the JSON format of traces.
const VERSION: u32 = 1;

/// Why a run has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunEnd {
    /// Every program has ended, or waits for ever.
    Finished,
    /// The trace has [`MAX_EVENTS`] events.
    RecordFull,
    /// [`MAX_RUN_US`] have passed.
    TimeOver,
}

/// The trace of a run: an ordered list of events on one microsecond clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    version: u32,
    /// Where it was recorded: on real sockets, or on the simulated kernel.
    pub source: Source,
    /// The experiment that ran.
    pub experiment: Experiment,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// Why the run has ended. `None` if it has not.
    pub end: Option<RunEnd>,
}

impl Trace {
    /// An empty trace of an experiment.
    #[must_use]
    pub const fn new(source: Source, experiment: Experiment) -> Self {
        Self { version: VERSION, source, experiment, events: Vec::new(), end: None }
    }

    /// The trace as JSON.
    ///
    /// # Panics
    ///
    /// Never: every trace can be written as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("every trace can be written as JSON")
    }

    /// Reads a trace from JSON and checks all of it.
    ///
    /// # Errors
    ///
    /// [`TraceError`] says what is wrong.
    pub fn from_json(json: &str) -> Result<Self, TraceError> {
        let trace: Self =
            serde_json::from_str(json).map_err(|error| TraceError::Json(error.to_string()))?;
        trace.check()
    }

    /// Encodes the trace with postcard, for a program from the same build. Files are JSON.
    ///
    /// # Panics
    ///
    /// Never: every trace can be encoded.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("every trace can be encoded")
    }

    /// Reads what [`Trace::encode`] wrote and checks all of it.
    ///
    /// # Errors
    ///
    /// [`TraceError`] says what is wrong.
    pub fn decode(bytes: &[u8]) -> Result<Self, TraceError> {
        let trace: Self =
            postcard::from_bytes(bytes).map_err(|error| TraceError::Bytes(error.to_string()))?;
        trace.check()
    }

    /// Checks the version, the experiment's bounds, and every event.
    pub(crate) fn check(self) -> Result<Self, TraceError> {
        if self.version != VERSION {
            return Err(TraceError::Version(self.version));
        }
        self.experiment.check().map_err(TraceError::OutOfBounds)?;
        if self.events.len() > MAX_EVENTS {
            return Err(TraceError::Events(self.events.len()));
        }
        let mut checker = Checker::new(&self.experiment);
        for (index, event) in self.events.iter().enumerate() {
            checker.check(event).ok_or(TraceError::Event(index + 1))?;
        }
        Ok(self)
    }
}

/// Why a text or bytes are not a valid trace.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TraceError {
    /// The text is not the JSON of a trace. `serde_json`'s message.
    Json(String),
    /// The bytes are not the encoding of a trace. postcard's message.
    Bytes(String),
    /// The trace has this version, which this program does not know.
    Version(u32),
    /// The trace's experiment is over a bound.
    OutOfBounds(OutOfBounds),
    /// The trace has this number of events, which is over [`MAX_EVENTS`].
    Events(usize),
    /// The event with this number, from 1, cannot have happened after the events before it.
    Event(usize),
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) | Self::Bytes(error) => write!(f, "this is not a trace: {error}"),
            Self::Version(version) => {
                write!(
                    f,
                    "this trace is of version {version}; this program reads version {VERSION}"
                )
            }
            Self::OutOfBounds(error) => write!(f, "this trace's experiment is too large: {error}"),
            Self::Events(count) => {
                write!(f, "this trace has {count} events, over the limit of {MAX_EVENTS}")
            }
            Self::Event(index) => write!(f, "event {index} of this trace cannot have happened"),
        }
    }
}

impl std::error::Error for TraceError {}
