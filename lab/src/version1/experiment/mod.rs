//! An experiment of the first version: a server, its clients, and the order of their steps.
//!
//! What comes in: the experiment of a file, or the text of a program, one call a line. What goes out: calls, with
//! every bound checked.
//!
//! May use: nothing.

mod bounds;
mod call;
mod parse;
mod program;
mod side;

use framescope_framing::HeaderFormat;
use serde::{Deserialize, Serialize};

pub(super) use bounds::MAX_SLEEP_MS;
pub use bounds::OutOfBounds;
pub(super) use call::Call;
pub use parse::ParseProgramError;
pub use program::Program;
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
