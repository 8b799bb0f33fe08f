//! What runs: programs, when each starts, and the order to step them in.
//!
//! What comes in: the texts of programs. What goes out: an [`Experiment`] with every bound checked.
//!
//! May use: nothing.

#[expect(
    clippy::module_inception,
    reason = "an experiment has programs, which have a file of their own"
)]
mod experiment;
mod program;

pub use experiment::{Experiment, MAX_ORDER, OutOfBounds, Turn, Until};
pub use program::{
    MAX_ARGUMENTS, MAX_INPUT, MAX_NAME, MAX_PROGRAMS, MAX_TEXT, Program, Start, When,
};
