//! An experiment: a server, its clients, and the order of their steps.
//!
//! What comes in: Python text as students write it, or an experiment that a lesson builds. What goes
//! out: the calls that an engine runs, with every bound checked.
//!
//! May use: nothing.

mod bounds;
mod call;
mod program;
mod python;
mod side;

use framescope_framing::HeaderFormat;
use serde::{Deserialize, Serialize};

pub use bounds::{
    MAX_CALLS, MAX_CLIENTS, MAX_DATA, MAX_PROGRAMS, MAX_SEND, MAX_SLEEP_MS, MAX_STEPS, OutOfBounds,
};
pub use call::Call;
pub use program::Program;
pub use python::ParseProgramError;
pub use side::Side;

/// A server, one or more clients, and the order in which to step them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Experiment {
    /// The header's format.
    pub header: HeaderFormat,
    /// The program that listens.
    pub server: Program,
    /// The programs that connect.
    pub clients: Vec<Program>,
    /// The order of the steps. Each step begins the next call of that side. After the last step, the
    /// first side that is ready goes next, the server first.
    pub order: Vec<Side>,
}

impl Experiment {
    /// Checks every bound.
    ///
    /// # Errors
    ///
    /// [`OutOfBounds`] with the first bound that the experiment is over.
    pub fn check(&self) -> Result<(), OutOfBounds> {
        let programs = std::iter::once(&self.server).chain(&self.clients);
        let programs: Vec<_> = programs.map(|program| program.0.as_slice()).collect();
        bounds::check(&programs, &self.order)
    }

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
        // At most MAX_CLIENTS after a check. Without one, a step could not name a client over 255.
        let last = u8::try_from(self.clients.len()).unwrap_or(u8::MAX);
        (0..=last).map(Side)
    }
}
