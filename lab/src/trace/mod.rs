//! What a run recorded.
//!
//! In go the events of a run, or a file. Out comes a [`Trace`]: an ordered list of events on one
//! microsecond clock, of which all that was read from a file is checked.
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

/// The version of the JSON that traces are kept in.
const VERSION: u32 = 1;

/// Why a run is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunEnd {
    /// Every program has ended, or waits for what will not come.
    Finished,
    /// [`MAX_EVENTS`] are recorded.
    RecordFull,
    /// [`MAX_RUN_US`] have passed.
    TimeOver,
}

/// What a run recorded: an ordered list of events on one microsecond clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    version: u32,
    /// Real sockets, or the model.
    pub source: Source,
    /// What was run.
    pub experiment: Experiment,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// Why the run is over; `None` while it is not.
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
    /// Never: a trace has no part that JSON cannot hold.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a trace has no part that JSON cannot hold")
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

    /// The trace as bytes, for a program of the same build; files are JSON.
    ///
    /// # Panics
    ///
    /// Never: a trace has no part that cannot be encoded.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("a trace has no part that cannot be encoded")
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

    /// Checks a trace that was read from somewhere.
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

/// Why a text is not a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TraceError {
    /// It is not the JSON of a trace.
    Json(String),
    /// They are not the bytes of a trace.
    Bytes(String),
    /// It is of a version that this program does not know.
    Version(u32),
    /// Its experiment is larger than one may be.
    OutOfBounds(OutOfBounds),
    /// It has too many events.
    Events(usize),
    /// This event, from 1, cannot have happened after those before it.
    Event(usize),
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) | Self::Bytes(error) => write!(f, "this is not a trace: {error}"),
            Self::Version(version) => {
                write!(f, "this trace is of version {version}; this program reads {VERSION}")
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
