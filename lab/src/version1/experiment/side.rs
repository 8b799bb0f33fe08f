//! Which program of an experiment: the server, or one of the clients.

use serde::{Deserialize, Serialize};

/// The number of a program in an experiment: 0 is the server, 1 the first client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Side(pub u8);

impl Side {
    /// The server.
    pub const SERVER: Self = Self(0);
    /// The first client.
    pub const CLIENT: Self = Self(1);
}
