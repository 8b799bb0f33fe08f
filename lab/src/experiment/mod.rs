//! An experiment: a server, its clients, and the order of their steps.
//!
//! In goes Python as students write it, or what a lesson made; out come calls that an engine carries
//! out, checked against every bound.
//!
//! May use: nothing.

mod bounds;
mod call;
mod program;
mod python;

use framescope_framing::HeaderFormat;
use serde::{Deserialize, Serialize};

pub use bounds::{
    MAX_CALLS, MAX_CLIENTS, MAX_DATA, MAX_PROGRAMS, MAX_SEND, MAX_SLEEP_MS, MAX_STEPS, OutOfBounds,
};
pub use call::Call;
pub use program::{Program, Side};
pub use python::ParseProgramError;

/// A server, one or more clients, and the order in which to step them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Experiment {
    /// How messages are framed.
    pub header: HeaderFormat,
    /// The program that listens.
    pub server: Program,
    /// The programs that connect.
    pub clients: Vec<Program>,
    /// Whose next call to begin, step by step. What is left when it is used up runs in turns,
    /// server first.
    pub order: Vec<Side>,
}

impl Experiment {
    /// The program of a side.
    #[must_use]
    pub fn program(&self, side: Side) -> Option<&Program> {
        match usize::from(side.0).checked_sub(1) {
            None => Some(&self.server),
            Some(client) => self.clients.get(client),
        }
    }

    /// Every side, the server first.
    pub fn sides(&self) -> impl Iterator<Item = Side> + use<> {
        // Clients are bounded by MAX_CLIENTS; what lies over 255 could not be named by a step.
        let last = u8::try_from(self.clients.len()).unwrap_or(u8::MAX);
        (0..=last).map(Side)
    }
}
