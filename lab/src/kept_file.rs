//! What the page opens from a file, on its way from the module that reads JSON to the page.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Recording, RecordingError, Trace, TraceError};

/// What was kept as a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeptFile {
    /// What a run of the lab recorded.
    Trace(Trace),
    /// What a relay recorded of a bridge session.
    Recording(Recording),
}

impl KeptFile {
    /// The same as bytes, for a program of the same build; files are JSON.
    ///
    /// # Panics
    ///
    /// Never: neither kind has a part that cannot be encoded.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("neither kind has a part that cannot be encoded")
    }

    /// Reads what [`KeptFile::encode`] wrote and checks all of it.
    ///
    /// # Errors
    ///
    /// [`KeptFileError`] says what is wrong.
    pub fn decode(bytes: &[u8]) -> Result<Self, KeptFileError> {
        let file =
            postcard::from_bytes(bytes).map_err(|error| KeptFileError::Bytes(error.to_string()))?;
        match file {
            Self::Trace(trace) => trace.check().map(Self::Trace).map_err(KeptFileError::Trace),
            Self::Recording(recording) => {
                recording.check().map(Self::Recording).map_err(KeptFileError::Recording)
            }
        }
    }
}

/// Why bytes are nothing that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeptFileError {
    /// They are not the bytes of either kind.
    Bytes(String),
    /// They are a trace that cannot have been.
    Trace(TraceError),
    /// They are a recording that cannot have been.
    Recording(RecordingError),
}

impl fmt::Display for KeptFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(error) => write!(f, "this is neither a trace nor a recording: {error}"),
            Self::Trace(error) => error.fmt(f),
            Self::Recording(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for KeptFileError {}

#[cfg(test)]
mod tests {
    use framescope_framing::HeaderFormat;

    use super::*;
    use crate::{Bridge, Crossed, Crossing, Source, Variant, json_tail, simulate};

    fn recording(recv: u32) -> Recording {
        let header = HeaderFormat::NETWORK_UNSIGNED;
        let target = "db".to_owned();
        let bridge = Bridge { target, recv, delay_ms: 0, nodelay: true, header };
        let received = Crossing { at: 7, what: Crossed::Received(b"hello".into()) };
        let json = bridge.json_head() + &received.to_json() + &json_tail("the client closed");
        Recording::from_json(&json).expect("it is a recording")
    }

    #[test]
    fn both_kinds_survive_as_bytes() {
        let variant = Variant::find("7a").expect("the lesson is there");
        let trace = simulate(&variant.experiment()).expect("lessons are within bounds");
        for file in [KeptFile::Trace(trace), KeptFile::Recording(recording(5))] {
            assert_eq!(KeptFile::decode(&file.encode()), Ok(file));
        }
    }

    #[test]
    fn what_cannot_have_been_is_refused_as_bytes_too() {
        let mut impossible = recording(5);
        impossible.bridge.recv = 4;
        let refused = KeptFile::decode(&KeptFile::Recording(impossible).encode());
        assert_eq!(refused, Err(KeptFileError::Recording(RecordingError::Event(1))));

        let experiment = Variant::find("7a").expect("the lesson is there").experiment();
        let mut trace = simulate(&experiment).expect("lessons are within bounds");
        trace.events.remove(0);
        let refused = KeptFile::decode(&KeptFile::Trace(trace).encode());
        assert_eq!(refused, Err(KeptFileError::Trace(TraceError::Event(1))));

        let empty = KeptFile::Trace(Trace::new(Source::Measured, experiment)).encode();
        for bytes in [&b""[..], b"\x02", &empty[..empty.len() - 1]] {
            let refused = KeptFile::decode(bytes);
            assert!(matches!(refused, Err(KeptFileError::Bytes(_))), "{refused:?}");
        }
    }
}
