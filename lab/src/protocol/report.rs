//! What the relay answers.

use serde::{Deserialize, Serialize};

use crate::trace::{ChunkSizes, Event, RunEnd};

/// What the relay answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Report {
    /// An experiment is loaded and nothing of it has happened.
    Loaded,
    /// This happened, in this order.
    Events(Vec<Event>),
    /// The run is over, and its sockets are closed.
    Over(RunEnd),
    /// A run of a series is over.
    Cut(ChunkSizes),
    /// A series is over; it ends before its last run where it takes too long.
    SeriesOver,
}

impl Report {
    /// The report as the payload of a WebSocket message.
    ///
    /// # Panics
    ///
    /// Never: a report has no part that cannot be encoded.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("a report has no part that cannot be encoded")
    }

    /// Reads a report; `None` where it is none.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        postcard::take_from_bytes(bytes).ok().filter(|(_, rest)| rest.is_empty()).map(|(it, _)| it)
    }
}
