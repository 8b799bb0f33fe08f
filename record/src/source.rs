//! Where a trace comes from: real sockets or the simulated kernel.

use serde::{Deserialize, Serialize};

/// Where a trace comes from. The screen always says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Real sockets.
    Measured,
    /// The simulated kernel.
    Simulated,
}
