//! A program: the calls that one side makes.

use serde::{Deserialize, Serialize};

use super::call::Call;
use super::parse::{self, ParseProgramError};
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
        parse::parse(text, side).map(Self)
    }
}
