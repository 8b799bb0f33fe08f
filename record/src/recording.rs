//! What a relay recorded of one bridge session.
//!
//! It is one side's view of a connection: what each of the relay's reads returned, and what its writes
//! were given. What the target wrote, and in which pieces, nobody saw, and it is not here.

use std::fmt;

use framescope_framing::HeaderFormat;
use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::source::Source;
use crate::stream::{KEPT_BYTES, KEPT_CHUNKS, MAX_RECV};

/// The version of the JSON that recordings are kept in.
const VERSION: u32 = 1;

/// The most bytes that are recorded of a direction: as many as a [`Record`](crate::Record) keeps, so
/// that all of a recording can be shown.
pub const MAX_RECORDED_BYTES: usize = KEPT_BYTES;
/// The most events of a recording: as many chunks as a record keeps.
pub const MAX_RECORDED_EVENTS: usize = KEPT_CHUNKS;

/// The longest text in a recording, in bytes: a target's name, or why the session ended.
const MAX_TEXT: usize = 1024;

/// What a relay recorded of one bridge session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    version: u32,
    /// Real sockets, always.
    source: Source,
    /// What was recorded.
    pub bridge: Bridge,
    /// What happened, in order.
    pub events: Vec<Crossing>,
    /// Why the session ended, or the recording before it, in English.
    pub end: String,
}

/// Whose session was recorded, and how it was set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bridge {
    /// The target's name.
    pub target: String,
    /// The most bytes that one read asked for, 1 to 1 MiB.
    pub recv: u32,
    /// The least time between one read and the next, in milliseconds.
    pub delay_ms: u32,
    /// Was `TCP_NODELAY` set on the connection to the target?
    pub nodelay: bool,
    /// How the built-in server frames its messages; another target may do as it likes.
    pub header: HeaderFormat,
}

/// Bytes that crossed between the relay and the target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crossing {
    /// Microseconds since the session began.
    pub at: u64,
    /// What crossed.
    pub what: Crossed,
}

/// What crossed, and which way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Crossed {
    /// One read returned these bytes; none is the end of the stream, and the last of its direction.
    Received(Data),
    /// The kernel took these bytes of a write.
    Sent(Data),
}

/// What stands in a file before the events of a recording, between them, and behind them: it is
/// written while the session goes on.
impl Bridge {
    /// The beginning of the JSON.
    ///
    /// # Panics
    ///
    /// Never: a recording has no part that JSON cannot hold.
    #[must_use]
    pub fn json_head(&self) -> String {
        let empty = Recording {
            version: VERSION,
            source: Source::Measured,
            bridge: self.clone(),
            events: Vec::new(),
            end: String::new(),
        };
        let json = to_json(&empty);
        let head = json.strip_suffix(&json_tail(""));
        head.expect("the events and the end are last").to_owned()
    }
}

impl Crossing {
    /// One event's JSON; commas stand between them.
    #[must_use]
    pub fn to_json(&self) -> String {
        to_json(self)
    }
}

/// The end of the JSON of a recording that ended for this reason.
#[must_use]
pub fn json_tail(end: &str) -> String {
    format!("],\"end\":{}}}", to_json(&end))
}

fn to_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("a recording has no part that JSON cannot hold")
}

impl Recording {
    /// Reads a recording from JSON and checks all of it.
    ///
    /// # Errors
    ///
    /// [`RecordingError`] says what is wrong.
    pub fn from_json(json: &str) -> Result<Self, RecordingError> {
        let recording: Self = serde_json::from_str(json).map_err(|error| {
            if error.is_eof() {
                RecordingError::CutOff
            } else {
                RecordingError::Json(error.to_string())
            }
        })?;
        recording.check()
    }

    /// Checks a recording that was read from somewhere.
    ///
    /// # Errors
    ///
    /// [`RecordingError`] says what is wrong.
    pub fn check(self) -> Result<Self, RecordingError> {
        if self.version != VERSION {
            return Err(RecordingError::Version(self.version));
        }
        let is_named = self.bridge.target.len() <= MAX_TEXT && self.end.len() <= MAX_TEXT;
        let recv = self.bridge.recv;
        if self.source != Source::Measured || !is_named || !(1..=MAX_RECV).contains(&recv) {
            return Err(RecordingError::Bridge);
        }
        if self.events.len() > MAX_RECORDED_EVENTS {
            return Err(RecordingError::Events(self.events.len()));
        }
        let (mut at, mut received, mut sent, mut has_ended) = (0, 0, 0, false);
        for (index, event) in self.events.iter().enumerate() {
            let is_sound = match &event.what {
                Crossed::Received(data) => {
                    let was_over = has_ended;
                    has_ended = data.0.is_empty();
                    received += data.0.len();
                    !was_over && data.0.len() <= recv as usize
                }
                Crossed::Sent(data) => {
                    sent += data.0.len();
                    !data.0.is_empty()
                }
            };
            let fits = received.max(sent) <= MAX_RECORDED_BYTES;
            if !is_sound || !fits || event.at < at {
                return Err(RecordingError::Event(index + 1));
            }
            at = event.at;
        }
        Ok(self)
    }
}

/// Why a text is not a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordingError {
    /// It is not the JSON of a recording.
    Json(String),
    /// Its end is not there: the session may still be going on.
    CutOff,
    /// It is of a version that this program does not know.
    Version(u32),
    /// What it says of its session cannot be.
    Bridge,
    /// It has too many events.
    Events(usize),
    /// This event, from 1, cannot have happened after those before it.
    Event(usize),
}

impl fmt::Display for RecordingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => write!(f, "this is not a recording: {error}"),
            Self::CutOff => {
                write!(f, "this recording breaks off; it is whole when its session has ended")
            }
            Self::Version(version) => {
                write!(f, "this recording is of version {version}; this program reads {VERSION}")
            }
            Self::Bridge => write!(f, "what this recording says of its session cannot be"),
            Self::Events(count) => write!(
                f,
                "this recording has {count} events, over the limit of {MAX_RECORDED_EVENTS}"
            ),
            Self::Event(index) => {
                write!(f, "event {index} of this recording cannot have happened")
            }
        }
    }
}

impl std::error::Error for RecordingError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn bridge() -> Bridge {
        Bridge {
            target: "db".to_owned(),
            recv: 5,
            delay_ms: 0,
            nodelay: true,
            header: HeaderFormat::NETWORK_UNSIGNED,
        }
    }

    fn received(at: u64, bytes: &[u8]) -> Crossing {
        Crossing { at, what: Crossed::Received(bytes.into()) }
    }

    fn sent(at: u64, bytes: &[u8]) -> Crossing {
        Crossing { at, what: Crossed::Sent(bytes.into()) }
    }

    fn written(events: &[Crossing]) -> String {
        let events: Vec<String> = events.iter().map(Crossing::to_json).collect();
        bridge().json_head() + &events.join(",") + &json_tail("the target said \"no\"")
    }

    #[test]
    fn what_is_written_event_by_event_is_read_as_a_whole() {
        let events = vec![sent(3, b"hello"), received(9, b"\0\xff"), received(9, b"")];
        let recording = Recording::from_json(&written(&events)).expect("it is one");
        assert_eq!(recording.bridge, bridge());
        assert_eq!(recording.events, events);
        assert_eq!(recording.end, "the target said \"no\"");
        assert!(Recording::from_json(&written(&[])).is_ok());
    }

    #[test]
    fn a_recording_that_cannot_have_been_is_refused() {
        for (events, wrong) in [
            (vec![received(0, b"more than five")], 1),
            (vec![sent(0, b"x"), sent(0, b"")], 2),
            (vec![received(0, b""), received(1, b"behind the end")], 2),
            (vec![received(0, b""), sent(1, b"after it"), received(2, b"x")], 3),
            (vec![sent(5, b"x"), sent(4, b"earlier")], 2),
        ] {
            let read = Recording::from_json(&written(&events));
            assert_eq!(read, Err(RecordingError::Event(wrong)), "{events:?}");
        }
        let good = written(&[]);
        for (part, other, error) in [
            ("\"version\":1", "\"version\":2", RecordingError::Version(2)),
            ("\"recv\":5", "\"recv\":0", RecordingError::Bridge),
            ("\"recv\":5", "\"recv\":1048577", RecordingError::Bridge),
            ("\"measured\"", "\"simulated\"", RecordingError::Bridge),
        ] {
            let changed = good.replace(part, other);
            assert_ne!(changed, good);
            assert_eq!(Recording::from_json(&changed), Err(error));
        }
        let no_json = good.replace("\"recv\":5", "\"recv\":five");
        assert!(matches!(Recording::from_json(&no_json), Err(RecordingError::Json(_))));
    }

    #[test]
    fn a_recording_that_is_still_being_written_is_told_from_what_is_none() {
        let whole = written(&[sent(3, b"hello"), received(9, b"\0\xff"), received(9, b"")]);
        for end in 0..whole.len() {
            let read = Recording::from_json(&whole[..end]);
            assert_eq!(read, Err(RecordingError::CutOff), "{}", &whole[..end]);
        }
    }

    #[test]
    fn a_recording_of_more_than_can_be_shown_is_refused() {
        let mebibyte = vec![b'x'; 1 << 20];
        let flood: Vec<Crossing> = (0..5).map(|at| sent(at, &mebibyte)).collect();
        assert_eq!(Recording::from_json(&written(&flood)), Err(RecordingError::Event(5)));
        let many = vec![sent(0, b"x"); MAX_RECORDED_EVENTS + 1];
        let count = many.len();
        assert_eq!(Recording::from_json(&written(&many)), Err(RecordingError::Events(count)));
    }
}
