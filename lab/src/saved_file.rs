//! A trace or a recording that was read from a file, encoded for the page. `web/trace-file` reads the
//! JSON of the file and hands this to the page.

use std::fmt;

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

/// Why bytes are not a saved file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SavedFileError {
    /// They are not the encoding of a [`SavedFile`]. postcard's message.
    Bytes(String),
    /// They are a trace, and it is not valid.
    Trace(TraceError),
    /// They are a recording, and it is not valid.
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
