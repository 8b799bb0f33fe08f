//! Why something that was asked of a class does not happen.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why an [`Entry`](crate::Entry) changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refused {
    /// The class has as many participants as it can.
    Full,
    /// This is not the code of the class.
    Code,
    /// This is not the key of the console.
    Key,
    /// Nobody has this token.
    Unknown,
    /// This question is not, or no longer, open for this vote.
    NotOpen,
    /// The question cannot be answered so.
    NoAnswer,
    /// A later bet of the same participant has been taken.
    Late,
    /// Another console is in charge.
    NotInCharge,
    /// The question's phase has no such next one.
    Phase,
    /// The question is out of bounds.
    Question,
    /// There is no such participant.
    NoParticipant,
    /// The class has asked as much as it can, or a participant has too many pages open.
    TooMany,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "the class is full",
            Self::Code => "this is not the code of the class",
            Self::Key => "this is not the key of the console",
            Self::Unknown => "nobody has joined with this token",
            Self::NotOpen => "this question is not open",
            Self::NoAnswer => "the question cannot be answered so",
            Self::Late => "a later bet has been taken",
            Self::NotInCharge => "another console is in charge",
            Self::Phase => "this cannot be done in this phase of the question",
            Self::Question => "the question is out of bounds",
            Self::NoParticipant => "there is no such participant",
            Self::TooMany => {
                "there are as many questions, or pages of one participant, as there can be"
            }
        })
    }
}

impl std::error::Error for Refused {}
