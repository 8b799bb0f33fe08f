//! A program: the calls that one side makes.

use serde::{Deserialize, Serialize};

use super::call::Call;
use super::python::{self, ParseProgramError};
use super::side::Side;

/// A list of calls. They run one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program(pub Vec<Call>);

impl Program {
    /// Parses the program of a side.
    ///
    /// # Errors
    ///
    /// [`ParseProgramError`] with the line and column of the first error.
    pub fn parse(text: &str, side: Side) -> Result<Self, ParseProgramError> {
        python::parse(text, side).map(Self)
    }

    /// The program as Python text, one line for each call. `side` decides the sockets' names.
    #[must_use]
    pub fn to_python(&self, side: Side) -> String {
        let lines = (0..self.0.len()).map(|index| self.line(side, index) + "\n");
        lines.collect()
    }

    /// One call of the program as a line of Python. Empty if there is no call with this index.
    #[must_use]
    pub fn line(&self, side: Side, index: usize) -> String {
        let Some(call) = self.0.get(index) else { return String::new() };
        let accepted = self.0[..index].contains(&Call::Accept);
        let socket = match (side, call) {
            (Side::SERVER, Call::Listen { .. } | Call::Accept) => "server",
            (Side::SERVER, _) if accepted => "conn",
            (Side::SERVER, _) => "server",
            _ => "client",
        };
        python::line(call, socket)
    }
}
