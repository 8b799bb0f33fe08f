//! What the page asks the relay for.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::experiment::{Experiment, OutOfBounds, Side};

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
            Self::Step(_) | Self::StepNext | Self::Play | Self::Reset | Self::Series { .. } => {}
        }
        Ok(command)
    }
}

/// Why bytes are not a command.
///
/// Exhaustive on purpose: each has a close code of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
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
