//! What a class is opened with.

use serde::{Deserialize, Serialize};

use crate::asked::Key;
use crate::console_key::ConsoleKey;
use crate::step::Step;

/// What a class is opened with. All its relays know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The secret in the teacher's link.
    pub key: ConsoleKey,
    /// With this token the teacher's pages run on the relays' own sockets.
    pub token: [u8; 16],
    /// The steps of the plan.
    pub plan: Vec<PlannedStep>,
}

/// A step of a plan, with what makes an answer to its question right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedStep {
    /// What the console shows of it.
    pub step: Step,
    /// What makes an answer right.
    pub key: Key,
}
