//! The commands that the page sends to whatever runs the programs: a relay, or the simulation.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::encoding::encode;
use crate::experiment::{
    Experiment, MAX_DELAY_US, OutOfBounds, Turn, Until, WireRule, are_rules_in_bounds,
};

/// The WebSocket subprotocol of `/lab` for these commands. If the encoding changes, this name changes.
pub const SUBPROTOCOL: &str = "framescope.lab.v2";

/// The longest encoded command, in bytes: 1 MiB.
pub const MAX_COMMAND: usize = 1024 * 1024;

/// The longest line that can be typed, in bytes.
pub const MAX_TYPED: usize = 4096;

/// A command of the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// End the loaded experiment, close its sockets, and load this one.
    Load(Experiment),
    /// Let one thread take a step. If its program has not started, it starts. Does nothing if the thread
    /// has ended or waits.
    Step(Turn),
    /// Take the next step of the experiment's order. If the order is used up, the next thread that can
    /// take a step goes this far.
    StepNext(Until),
    /// Let all programs run. Each starts when the experiment says.
    Play,
    /// Stop all programs that run at their next statements.
    Hold,
    /// A line was typed for the program with this index. `None` is the end of its input.
    Type(usize, Option<String>),
    /// Press Ctrl+C for the program with this index.
    Interrupt(usize),
    /// Change the wire, or what becomes of a segment.
    Wire(WireCommand),
    /// Load the same experiment again.
    Reset,
}

/// A command about the wire. One that names a segment which is not on the wire any more does nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WireCommand {
    /// From now on these rules hold, and no others.
    Rules(Vec<WireRule>),
    /// Deliver this segment now.
    Deliver(u32),
    /// Deliver all segments that are held, in the order in which they were sent.
    DeliverAll,
    /// Lose this segment.
    Drop(u32),
    /// Deliver this segment later by this time, in microseconds.
    Delay(u32, u64),
    /// Deliver this segment now, and keep it where it is: it arrives twice.
    Duplicate(u32),
}

impl Command {
    /// The command as the payload of a message.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        encode(self)
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
            Self::Type(_, Some(line)) if line.len() > MAX_TYPED || line.contains('\n') => {
                return Err(CommandError::Typed);
            }
            Self::Wire(WireCommand::Rules(rules)) if !are_rules_in_bounds(rules) => {
                return Err(CommandError::OutOfBounds(OutOfBounds::Wire));
            }
            Self::Wire(WireCommand::Delay(_, us)) if *us > MAX_DELAY_US => {
                return Err(CommandError::OutOfBounds(OutOfBounds::Wire));
            }
            Self::Step(_)
            | Self::StepNext(_)
            | Self::Play
            | Self::Hold
            | Self::Type(..)
            | Self::Interrupt(_)
            | Self::Wire(_)
            | Self::Reset => {}
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
    /// A typed line is longer than [`MAX_TYPED`], or has an end of line in it.
    Typed,
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(length) => {
                write!(f, "a command of {length} bytes is over the limit of {MAX_COMMAND}")
            }
            Self::Malformed => write!(f, "this is not a command of {SUBPROTOCOL}"),
            Self::OutOfBounds(error) => error.fmt(f),
            Self::Typed => write!(f, "a typed line is one line of up to {MAX_TYPED} bytes"),
        }
    }
}

impl std::error::Error for CommandError {}
