//! A trace or a recording that was read from a file, encoded for the page. `web/trace-file` reads the
//! JSON of the file and hands this to the page.

use framescope_record::{Recording, RecordingError};
use serde::{Deserialize, Serialize};

use crate::trace::{Trace, TraceError};

/// The content of a saved file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SavedFile {
    /// The trace of a run in the lab.
    Trace(Trace),
    /// The recording of a bridge session.
    Recording(Recording),
}

impl SavedFile {
    /// Encodes the content with postcard, for a program from the same build. The file itself is JSON.
    ///
    /// # Panics
    ///
    /// Never: every trace and every recording can be encoded.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("every trace and every recording can be encoded")
    }

    /// Reads what [`SavedFile::encode`] wrote. `None` for other bytes. It was checked when its JSON was read.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }
}

/// Why a file cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileProblem {
    /// It is empty. That of a recording may be, until its session has ended.
    Empty,
    /// It is neither a trace nor a recording.
    Neither,
    /// What is wrong with a trace.
    Trace(TraceError),
    /// What is wrong with a recording.
    Recording(RecordingError),
}

impl FileProblem {
    /// Encodes it with postcard, for a program from the same build.
    ///
    /// # Panics
    ///
    /// Never: every problem can be encoded.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("every problem can be encoded")
    }

    /// Reads what [`FileProblem::encode`] wrote. `None` for other bytes.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }
}
