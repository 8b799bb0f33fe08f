//! What the page opens from a file, on its way from the module that reads JSON to the page.

use std::fmt;

use framescope_record::{Recording, RecordingError};
use serde::{Deserialize, Serialize};

use crate::trace::{Trace, TraceError};

/// What was kept as a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SavedFile {
    /// What a run of the lab recorded.
    Trace(Trace),
    /// What a relay recorded of a bridge session.
    Recording(Recording),
}

impl SavedFile {
    /// The same as bytes, for a program of the same build; files are JSON.
    ///
    /// # Panics
    ///
    /// Never: neither kind has a part that cannot be encoded.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("neither kind has a part that cannot be encoded")
    }

    /// Reads what [`SavedFile::encode`] wrote and checks all of it.
    ///
    /// # Errors
    ///
    /// [`SavedFileError`] says what is wrong.
    pub fn decode(bytes: &[u8]) -> Result<Self, SavedFileError> {
        let file = postcard::from_bytes(bytes)
            .map_err(|error| SavedFileError::Bytes(error.to_string()))?;
        match file {
            Self::Trace(trace) => trace.check().map(Self::Trace).map_err(SavedFileError::Trace),
            Self::Recording(recording) => {
                recording.check().map(Self::Recording).map_err(SavedFileError::Recording)
            }
        }
    }
}

/// Why bytes are nothing that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SavedFileError {
    /// They are not the bytes of either kind.
    Bytes(String),
    /// They are a trace that cannot have been.
    Trace(TraceError),
    /// They are a recording that cannot have been.
    Recording(RecordingError),
}

impl fmt::Display for SavedFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(error) => write!(f, "this is neither a trace nor a recording: {error}"),
            Self::Trace(error) => error.fmt(f),
            Self::Recording(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SavedFileError {}
