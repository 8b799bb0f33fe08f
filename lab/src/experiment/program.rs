//! A program, and the side that runs it.

use serde::{Deserialize, Serialize};

use super::call::Call;

/// A list of calls. They run one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program(pub Vec<Call>);

/// The number of a program in an experiment: 0 is the server, 1 the first client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Side(pub u8);

impl Side {
    /// The server.
    pub const SERVER: Self = Self(0);
    /// The first client.
    pub const CLIENT: Self = Self(1);
}
