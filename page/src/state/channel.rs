//! What carries commands to whatever runs the programs.

use super::connection::Refusal;

/// The way to a relay's lab, or to the engine of this page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Channel {
    /// There is none, and none is needed yet.
    Absent,
    /// It is being opened. These encoded commands are sent when it is open.
    Opening(Vec<Vec<u8>>),
    /// It is open.
    Open,
    /// The relay has refused it.
    Refused {
        /// Why. `None` until the relay has answered the question.
        answer: Option<Refusal>,
    },
    /// It was lost.
    Lost {
        /// Why, in a sentence. Empty if it is not known.
        reason: String,
    },
}
