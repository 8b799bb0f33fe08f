//! The cases.

use serde::{Deserialize, Serialize};

/// A way in which messages are delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Case {
    /// Each message alone. The next one comes after the answer.
    Alone,
    /// All messages with one send.
    Stuck,
    /// A pause within each header.
    HeaderInPieces,
    /// One byte at a time.
    ByteByByte,
    /// A pause in the middle of a character.
    HalfACharacter,
    /// A message without a byte among others.
    Empty,
    /// A message that is longer than what one recv returns, with a pause within it.
    Long,
    /// The stream is cut anywhere.
    CutAnywhere,
    /// A header with a length that no message has.
    LyingHeader,
    /// The stream ends in the middle of a message.
    EndInTheMiddle,
}

impl Case {
    /// All cases, in the order in which they are tried.
    pub const ALL: [Self; 10] = [
        Self::Alone,
        Self::Stuck,
        Self::HeaderInPieces,
        Self::ByteByByte,
        Self::HalfACharacter,
        Self::Empty,
        Self::Long,
        Self::CutAnywhere,
        Self::LyingHeader,
        Self::EndInTheMiddle,
    ];

    /// Its number, from 1.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8 + 1
    }

    /// The case with this number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|case| case.number() == number)
    }

    /// Whether the stream is broken, so that a client must close the connection.
    #[must_use]
    pub const fn is_broken(self) -> bool {
        match self {
            Self::LyingHeader | Self::EndInTheMiddle => true,
            Self::Alone
            | Self::Stuck
            | Self::HeaderInPieces
            | Self::ByteByByte
            | Self::HalfACharacter
            | Self::Empty
            | Self::Long
            | Self::CutAnywhere => false,
        }
    }
}
