//! The trace of a run of the first version.
//!
//! What comes in: the events of a run, or a file. What goes out: a [`Trace`], an ordered list of events
//! on one microsecond clock. A trace that comes from a file is checked.
//!
//! May use: `trace`, `version1::experiment`.

mod check;
mod connections;
mod errno;
mod event;
mod tcp_info;
mod value;

pub(super) use connections::Connections;
pub(super) use errno::Errno;
pub(super) use event::{BlockedOn, Event, EventKind};

pub(super) use value::{CallError, Value};

use std::fmt;

use framescope_record::Source;
use serde::{Deserialize, Serialize};

use self::check::Checker;
use super::experiment::{Experiment, OutOfBounds};
use crate::trace::{MAX_EVENTS, RunEnd};

/// The version of the JSON format of traces.
const VERSION: u32 = 1;

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

    /// Checks the version, the experiment's bounds, and every event.
    fn check(self) -> Result<Self, TraceError> {
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

/// Why a text is not a valid trace.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TraceError {
    /// The text is not the JSON of a trace. `serde_json`'s message.
    Json(String),
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
            Self::Json(error) => write!(f, "this is not a trace: {error}"),
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
