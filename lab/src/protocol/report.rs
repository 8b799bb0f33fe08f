//! The reports that the relay sends to the page.

use serde::{Deserialize, Serialize};

use crate::trace::{ChunkSizes, Event, RunEnd};

/// A report of the relay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Report {
    /// An experiment is loaded and its run has not begun.
    Loaded,
    /// The next events of the run, in order.
    Events(Vec<Event>),
    /// The run is over, and its sockets are closed.
    Over(RunEnd),
    /// A run of a series is over. The sizes of the chunks that its sides received.
    ChunkSizes(ChunkSizes),
    /// A series is over. If it takes too long, it ends before its last run.
    SeriesOver,
}

impl Report {
    /// The report as the payload of a WebSocket message.
    ///
    /// # Panics
    ///
    /// Never: every report can be encoded.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("every report can be encoded")
    }

    /// Reads a report. `None` if `bytes` is not the encoding of a report.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        postcard::take_from_bytes(bytes).ok().filter(|(_, rest)| rest.is_empty()).map(|(it, _)| it)
    }
}
