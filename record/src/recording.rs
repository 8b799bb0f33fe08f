//! The recording of one bridge session.
//!
//! It is the relay's view of the connection to the target: the bytes that each read returned, and the
//! bytes that the kernel took of each write. It does not contain the target's own calls, because the
//! relay does not see them.

use std::fmt;

use framescope_framing::HeaderFormat;
use serde::{Deserialize, Serialize};

use crate::chunk::MAX_RECV;
use crate::data::Data;
use crate::source::Source;
use crate::stream::{KEPT_BYTES, KEPT_CHUNKS};

/// The version of the JSON format of recordings.
const VERSION: u32 = 1;

/// The most bytes of a direction in a recording. A [`Record`](crate::Record) keeps the same number, so
/// that a whole recording can be shown.
pub const MAX_RECORDED_BYTES: usize = KEPT_BYTES;
/// The most events of a recording. A record keeps the same number of chunks.
pub const MAX_RECORDED_EVENTS: usize = KEPT_CHUNKS;

/// The longest text in a recording, in bytes: the target's name, or why the session ended.
const MAX_TEXT: usize = 1024;

/// The recording of one bridge session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    version: u32,
    /// Always [`Source::Measured`].
    source: Source,
    /// The session.
    pub bridge: Bridge,
    /// What crossed, in order.
    pub events: Vec<Crossing>,
    /// Why the session ended, or why the recording ended before the session. In English.
    pub end: String,
}

/// The session that was recorded: its target and its options.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bridge {
    /// The target's name.
    pub target: String,
    /// The most bytes that one read asked for, 1 to 1 MiB.
    pub recv: u32,
    /// The shortest time between two reads, in milliseconds.
    pub delay_ms: u32,
    /// Whether `TCP_NODELAY` was set on the connection to the target.
    pub nodelay: bool,
    /// The header format of the built-in server. Another target may use another format.
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
    /// One read returned these bytes. Empty at the end of the stream: no read follows it.
    Received(Data),
    /// The kernel took these bytes of a write.
    Sent(Data),
}

/// The relay writes the JSON of a recording while the session goes on: first this, then the events with
/// commas between them, then [`json_tail`]. Events that come later are written over the tail.
impl Bridge {
    /// The JSON before the first event.
    ///
    /// # Panics
    ///
    /// Never: every recording can be written as JSON.
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
        head.expect("`events` and `end` are the last fields").to_owned()
    }
}

impl Crossing {
    /// The JSON of one event. The writer puts a comma between two events.
    #[must_use]
    pub fn to_json(&self) -> String {
        to_json(self)
    }
}

/// The JSON after the last event. `end` says why the recording ended.
#[must_use]
pub fn json_tail(end: &str) -> String {
    format!("],\"end\":{}}}", to_json(&end))
}

fn to_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("every recording can be written as JSON")
}

impl Recording {
    /// The recording of a session that has ended.
    ///
    /// # Errors
    ///
    /// [`RecordingError`] says which event, or what else, cannot be in a recording.
    pub fn new(bridge: Bridge, events: Vec<Crossing>, end: String) -> Result<Self, RecordingError> {
        Self { version: VERSION, source: Source::Measured, bridge, events, end }.check()
    }

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

    /// Checks the version, the session's values, and every event.
    ///
    /// # Errors
    ///
    /// [`RecordingError`] says what is wrong.
    fn check(self) -> Result<Self, RecordingError> {
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum RecordingError {
    /// It is not the JSON of a recording. `serde_json`'s message.
    Json(String),
    /// Its end is missing. The session may not have ended.
    CutOff,
    /// It has this version, which this program does not know.
    Version(u32),
    /// The values of its session are not valid.
    Bridge,
    /// It has this number of events, which is over [`MAX_RECORDED_EVENTS`].
    Events(usize),
    /// The event with this number, from 1, cannot have happened after the events before it.
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
                write!(
                    f,
                    "this recording is of version {version}; this program reads version {VERSION}"
                )
            }
            Self::Bridge => write!(f, "this recording's session has values that are not valid"),
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
    fn a_recording_that_was_written_event_by_event_is_read() {
        let events = vec![sent(3, b"hello"), received(9, b"\0\xff"), received(9, b"")];
        let recording = Recording::from_json(&written(&events)).expect("it is a recording");
        assert_eq!(recording.bridge, bridge());
        assert_eq!(recording.events, events);
        assert_eq!(recording.end, "the target said \"no\"");
        assert!(Recording::from_json(&written(&[])).is_ok());
    }

    #[test]
    fn a_recording_that_cannot_have_happened_is_refused() {
        for (events, wrong) in [
            (vec![received(0, b"more than five")], 1),
            (vec![sent(0, b"x"), sent(0, b"")], 2),
            (vec![received(0, b""), received(1, b"after the end")], 2),
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
    fn a_recording_without_its_end_is_cut_off_and_not_another_error() {
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
