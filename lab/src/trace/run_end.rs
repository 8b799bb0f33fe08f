//! Why a run has ended.

use serde::{Deserialize, Serialize};

/// Why a run has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunEnd {
    /// Every program has ended, or waits for ever.
    Finished,
    /// The trace has [`MAX_EVENTS`](super::MAX_EVENTS) events.
    RecordFull,
    /// [`MAX_RUN_US`](super::MAX_RUN_US) have passed.
    TimeOver,
}
