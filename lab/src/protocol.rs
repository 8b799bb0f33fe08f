//! What the page and the relay say to each other on `/lab`.
//!
//! Each command and each report is one binary WebSocket message, encoded with
//! [postcard](https://postcard.jamesmunns.com). Both ends are of one build, so that the encoding
//! needs no negotiation beyond its name.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::trace::{End, Event};
use crate::{Cuts, Experiment, OutOfBounds, Side};

/// The WebSocket subprotocol of `/lab`; another encoding would have another name.
pub const LAB_SUBPROTOCOL: &str = "framescope.lab.v1";

/// The longest encoded command, in bytes: 1 MiB.
pub const MAX_COMMAND: usize = 1024 * 1024;

/// The fewest runs of a series.
pub const MIN_SERIES: u16 = 2;

/// The most runs of a series.
pub const MAX_SERIES: u16 = 500;

/// What the page asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Forget the experiment that was loaded, with all its sockets, and take this one.
    Load(Experiment),
    /// Begin the next call of a side. Nothing happens where it has none, or one is under way.
    Step(Side),
    /// Begin the next call of the experiment's order.
    StepNext,
    /// Run all that is left, to the end.
    Play,
    /// Load the same experiment anew.
    Reset,
    /// Run the experiment so many times back to back, each program in a thread of its own and
    /// without regard to the order: what was stepped is forgotten.
    Series {
        /// From [`MIN_SERIES`] to [`MAX_SERIES`].
        runs: u16,
    },
}

/// What the relay answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Report {
    /// An experiment is loaded and nothing of it has happened.
    Loaded,
    /// This happened, in this order.
    Events(Vec<Event>),
    /// The run is over, and its sockets are closed.
    Over(End),
    /// A run of a series is over.
    Cut(Cuts),
    /// A series is over; it ends before its last run where it takes too long.
    SeriesOver,
}

impl Command {
    /// The command as the payload of a WebSocket message.
    ///
    /// # Panics
    ///
    /// Never: a command has no part that cannot be encoded.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("a command has no part that cannot be encoded")
    }

    /// Reads a command and checks every bound.
    ///
    /// # Errors
    ///
    /// [`CommandError`] says what is wrong.
    pub fn decode(bytes: &[u8]) -> Result<Self, CommandError> {
        if bytes.len() > MAX_COMMAND {
            return Err(CommandError::TooLong(bytes.len()));
        }
        let (command, rest) =
            postcard::take_from_bytes(bytes).map_err(|_| CommandError::Malformed)?;
        if !rest.is_empty() {
            return Err(CommandError::Malformed);
        }
        match &command {
            Self::Load(experiment) => experiment.check().map_err(CommandError::OutOfBounds)?,
            Self::Series { runs } if !(MIN_SERIES..=MAX_SERIES).contains(runs) => {
                return Err(CommandError::Runs(*runs));
            }
            _ => {}
        }
        Ok(command)
    }
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

/// Why bytes are not a command.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CommandError {
    /// They are longer than any command may be.
    TooLong(usize),
    /// They are not the encoding of a command.
    Malformed,
    /// The experiment is larger than it may be.
    OutOfBounds(OutOfBounds),
    /// A series cannot have so many runs.
    Runs(u16),
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(length) => {
                write!(f, "a command of {length} bytes is over the limit of {MAX_COMMAND}")
            }
            Self::Malformed => write!(f, "this is not a command of {LAB_SUBPROTOCOL}"),
            Self::OutOfBounds(error) => error.fmt(f),
            Self::Runs(runs) => {
                write!(f, "a series has {MIN_SERIES} to {MAX_SERIES} runs, not {runs}")
            }
        }
    }
}

impl std::error::Error for CommandError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Call, Lesson, Program, simulate};
    use proptest::prelude::*;

    #[test]
    fn every_lesson_and_its_events_survive_the_wire() {
        for variant in Lesson::all().flat_map(|lesson| lesson.variants) {
            let experiment = variant.experiment();
            let trace = simulate(&experiment).unwrap();
            let events = Report::Events(trace.events.clone());
            let bound: usize = trace.events.iter().map(Event::encoded_bound).sum();
            assert!(events.encode().len() <= bound, "lesson {}", variant.name);
            assert_eq!(Report::decode(&events.encode()), Some(events));
            let load = Command::Load(experiment);
            assert_eq!(Command::decode(&load.encode()), Ok(load));
        }
    }

    #[test]
    fn commands_out_of_bounds_are_refused_with_the_bound() {
        let mut experiment = Lesson::all().next().unwrap().variants[0].experiment();
        experiment.server = Program(vec![Call::Recv(0)]);
        let load = Command::Load(experiment).encode();
        let error = CommandError::OutOfBounds(OutOfBounds::Recv { length: 0 });
        assert_eq!(Command::decode(&load), Err(error));
        for runs in [0, 1, 501, u16::MAX] {
            let series = Command::Series { runs }.encode();
            assert_eq!(Command::decode(&series), Err(CommandError::Runs(runs)));
        }
        let mut longer = Command::Play.encode();
        longer.push(0);
        assert_eq!(Command::decode(&longer), Err(CommandError::Malformed));
        let length = MAX_COMMAND + 1;
        assert_eq!(Command::decode(&vec![0; length]), Err(CommandError::TooLong(length)));
    }

    proptest! {
        #[test]
        fn hostile_bytes_are_refused_or_a_command_within_bounds(
            bytes in proptest::collection::vec(any::<u8>(), 0..400),
        ) {
            if let Ok(command) = Command::decode(&bytes) {
                prop_assert_eq!(Command::decode(&command.encode()), Ok(command));
            }
        }

        #[test]
        fn a_damaged_command_is_refused_or_another_one(
            which in 0_usize..22, at in any::<prop::sample::Index>(), to in any::<u8>(),
        ) {
            let mut variants = Lesson::all().flat_map(|lesson| lesson.variants);
            let variant = variants.nth(which).expect("there are 22 variants");
            let mut bytes = Command::Load(variant.experiment()).encode();
            let at = at.index(bytes.len());
            bytes[at] = to;
            if let Ok(command) = Command::decode(&bytes) {
                prop_assert_eq!(Command::decode(&command.encode()), Ok(command));
            }
        }
    }
}
