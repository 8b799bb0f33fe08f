//! What a run recorded.

use std::collections::VecDeque;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    BlockedOn, Data, Errno, Experiment, MAX_EVENTS, MAX_RUN_US, MAX_SLEEP_MS, OutOfBounds, Side,
    SocketFigures, Value,
};

/// The version of the JSON that traces are kept in.
const VERSION: u32 = 1;

/// Where a trace comes from. The screen always says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Real sockets.
    Measured,
    /// The model in this crate.
    Simulated,
}

/// One thing that happened to one side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Microseconds since the experiment began.
    pub at: u64,
    /// Whose call it was.
    pub side: Side,
    /// The index of the call in its program.
    pub call: u16,
    /// What happened.
    pub happened: Happened,
    /// What the kernel says of each side's socket afterwards, by side.
    pub figures: Vec<SocketFigures>,
}

impl Event {
    /// A bound on how long it is in a [`Report`](crate::Report), in bytes.
    #[must_use]
    pub fn encoded_bound(&self) -> usize {
        let data = match &self.happened {
            Happened::Sent(data)
            | Happened::Received { got: data, .. }
            | Happened::Returned(Value::Bytes(data) | Value::Message(data)) => data.0.len(),
            _ => 0,
        };
        data + NUMBERS_BOUND + self.figures.len() * FIGURES_BOUND
    }
}

/// All numbers and tags of an event but the figures, encoded, in bytes.
const NUMBERS_BOUND: usize = 64;

/// The figures of one side, encoded, in bytes: three options, and two numbers of at most 5.
const FIGURES_BOUND: usize = 16;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Happened {
    /// The call began.
    Began,
    /// The call waits.
    Blocked(BlockedOn),
    /// `accept` handed over the connection of this client; `None` where it is nobody's here.
    Accepted(Option<Side>),
    /// The kernel took these bytes.
    Sent(Data),
    /// One `recv(asked)` returned these bytes; none is the end of the stream.
    Received {
        /// What was asked for.
        asked: u32,
        /// What was got.
        got: Data,
    },
    /// A system call failed.
    Failed(Errno),
    /// The call returned.
    Returned(Value),
}

/// Why a run is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
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
    pub end: Option<End>,
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

/// What an event must fit: the events before it.
struct Checker<'a> {
    experiment: &'a Experiment,
    at: u64,
    /// By side: the call under way, or next; and whether it is under way.
    calls: Vec<(u16, bool)>,
    /// By client, to the server and from it: what was sent and not received.
    flows: Vec<[VecDeque<u8>; 2]>,
    /// Whose connection the server's calls act on; none where it is nobody's here.
    accepted: Option<Side>,
}

impl<'a> Checker<'a> {
    fn new(experiment: &'a Experiment) -> Self {
        let calls = vec![(0, false); experiment.clients.len() + 1];
        let flows = experiment.clients.iter().map(|_| Default::default()).collect();
        Self { experiment, at: 0, calls, flows, accepted: None }
    }

    /// `None` where the event cannot have happened.
    fn check(&mut self, event: &Event) -> Option<()> {
        let program = self.experiment.program(event.side)?;
        program.0.get(usize::from(event.call))?;
        let is_late = event.at > MAX_RUN_US + u64::from(MAX_SLEEP_MS) * 1000;
        if event.at < self.at || is_late || event.figures.len() != self.calls.len() {
            return None;
        }
        self.at = event.at;
        let (call, is_under_way) = self.calls.get_mut(usize::from(event.side.0))?;
        if event.call != *call || *is_under_way == (event.happened == Happened::Began) {
            return None;
        }
        *is_under_way = true;
        match &event.happened {
            Happened::Returned(_) => {
                *call += 1;
                *is_under_way = false;
                Some(())
            }
            Happened::Accepted(client) => {
                self.accepted = *client;
                client.is_none_or(|client| self.flow(client).is_some()).then_some(())
            }
            Happened::Sent(data) => {
                if let Some(client) = self.client(event.side) {
                    let to_server = usize::from(event.side == Side::SERVER);
                    self.flow(client)?[to_server].extend(&data.0);
                }
                Some(())
            }
            Happened::Received { asked, got } => {
                let is_within = got.0.len() <= *asked as usize;
                let Some(client) = self.client(event.side) else { return is_within.then_some(()) };
                let from_server = usize::from(event.side != Side::SERVER);
                let sent = &mut self.flow(client)?[from_server];
                let was_sent = got.0.len() <= sent.len()
                    && sent.drain(..got.0.len()).eq(got.0.iter().copied());
                (is_within && was_sent).then_some(())
            }
            Happened::Began | Happened::Blocked(_) | Happened::Failed(_) => Some(()),
        }
    }

    /// The client of the connection that a side's calls act on.
    fn client(&self, side: Side) -> Option<Side> {
        if side == Side::SERVER { self.accepted } else { Some(side) }
    }

    fn flow(&mut self, client: Side) -> Option<&mut [VecDeque<u8>; 2]> {
        self.flows.get_mut(usize::from(client.0).checked_sub(1)?)
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
