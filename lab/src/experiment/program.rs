//! A program, and which of an experiment's programs is meant.

use serde::{Deserialize, Serialize};

use super::call::Call;

/// A list of calls, carried out one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program(pub Vec<Call>);

/// Which program: 0 is the server, 1 the first client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Side(pub u8);

impl Side {
    /// The server.
    pub const SERVER: Self = Self(0);
    /// The first client.
    pub const CLIENT: Self = Self(1);
}
