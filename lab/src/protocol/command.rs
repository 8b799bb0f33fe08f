//! The commands that the page sends to the relay.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::experiment::{Experiment, OutOfBounds, Side};

/// The WebSocket subprotocol of `/lab`. If the encoding changes, this name changes.
pub const LAB_SUBPROTOCOL: &str = "framescope.lab.v1";

/// The longest encoded command, in bytes: 1 MiB.
pub const MAX_COMMAND: usize = 1024 * 1024;

/// The smallest number of runs in a series.
pub const MIN_SERIES: u16 = 2;

/// The largest number of runs in a series.
pub const MAX_SERIES: u16 = 500;

/// A command of the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// End the loaded experiment, close its sockets, and load this one.
    Load(Experiment),
    /// Begin the next call of a side. Does nothing if it has no next call, or if a call is in progress.
    Step(Side),
    /// Begin the next call of the experiment's order.
    StepNext,
    /// Run all calls that are left.
    Play,
    /// Load the same experiment again.
    Reset,
    /// Run the experiment `runs` times, one run after the other. Each program has its own thread, and
    /// the experiment's order is not used. Ends the run that was stepped.
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
    /// Never: every command can be encoded.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("every command can be encoded")
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
/// Exhaustive on purpose: the relay has a close code for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandError {
    /// They are longer than [`MAX_COMMAND`]. Their length, in bytes.
    TooLong(usize),
    /// They are not the encoding of a command.
    Malformed,
    /// The experiment is over a bound.
    OutOfBounds(OutOfBounds),
    /// The number of runs is not from [`MIN_SERIES`] to [`MAX_SERIES`].
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
