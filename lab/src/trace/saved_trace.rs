//! The trace of a run, and its file: version 2 of the JSON format.

use std::fmt;

use framescope_record::Source;
use serde::{Deserialize, Serialize};

use super::bounds::{MAX_EVENTS, MAX_RUN_US};
use super::event::{Event, EventKind};
use super::network::Network;
use super::run_end::RunEnd;
use crate::encoding::encode;
use crate::experiment::{Experiment, OutOfBounds};

/// The version of the JSON format.
const VERSION: u32 = 2;

/// The trace of a run: an ordered list of events on one microsecond clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    version: u32,
    /// Where it was recorded: on real sockets, or on the simulated kernel.
    pub source: Source,
    /// The system on which it was recorded, such as `Linux 6.18`. Empty if that is not known.
    #[serde(default)]
    pub system: String,
    /// The experiment that ran, with the texts of its programs.
    pub experiment: Experiment,
    /// The network that the programs ran on.
    #[serde(default)]
    pub network: Network,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// Why the run has ended. `None` if it has not.
    pub end: Option<RunEnd>,
}

impl Trace {
    /// An empty trace of an experiment.
    #[must_use]
    pub const fn new(source: Source, experiment: Experiment) -> Self {
        Self {
            version: VERSION,
            source,
            system: String::new(),
            experiment,
            network: Network::Unknown,
            events: Vec::new(),
            end: None,
        }
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
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        encode(self)
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
        if self.system.len() > MAX_SYSTEM {
            return Err(TraceError::System(self.system.len()));
        }
        if self.events.len() > MAX_EVENTS {
            return Err(TraceError::Events(self.events.len()));
        }
        let (mut last, mut segments) = (0, 0);
        for (index, event) in self.events.iter().enumerate() {
            let is_known = event.program < self.experiment.programs.len();
            let is_crossing = is_crossing(&event.kind, &mut segments);
            if !is_known || !is_crossing || event.at < last || event.at > MAX_RUN_US {
                return Err(TraceError::Event(index + 1));
            }
            last = event.at;
        }
        Ok(self)
    }
}

/// The longest name of a system, in bytes.
const MAX_SYSTEM: usize = 64;

/// Whether an event can follow if this number of segments was sent before. Segments are numbered in the order in which
/// they are sent.
fn is_crossing(kind: &EventKind, segments: &mut u32) -> bool {
    if let EventKind::Segment(segment) = kind {
        let number = *segments;
        *segments += 1;
        return segment.number == number
            && segment.payload.start <= segment.payload.end
            && segment.fits_in_packet()
            && segment.repeats.is_none_or(|earlier| earlier < segment.number);
    }
    if let EventKind::Fate(number, _) = kind { number < segments } else { true }
}

/// Why a text is not a valid trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TraceError {
    /// It is not the JSON of a trace. `serde_json`'s message.
    Json(String),
    /// It is not the encoding of a trace. postcard's message.
    Bytes(String),
    /// The trace has this version, which is not [`Trace`]'s.
    Version(u32),
    /// The name of the trace's system has this length in bytes, which is over the limit.
    System(usize),
    /// The trace's experiment is over a bound.
    OutOfBounds(OutOfBounds),
    /// The trace has this number of events, which is over [`MAX_EVENTS`].
    Events(usize),
    /// The event with this number, from 1, names no program or no segment, or its time or its segment is wrong.
    Event(usize),
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) | Self::Bytes(error) => write!(f, "this is not a trace: {error}"),
            Self::Version(version) => {
                write!(f, "this is not a trace of version {VERSION}, but {version}")
            }
            Self::System(length) => {
                write!(
                    f,
                    "the name of this trace's system has {length} bytes, over the limit of {MAX_SYSTEM}"
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
