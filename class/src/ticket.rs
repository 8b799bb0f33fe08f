//! What a student's program says first in the challenge: whose it is.

use std::fmt;
use std::str::FromStr;

use crate::participant::{ParticipantId, Token};

/// How many numbers a PIN can be.
const PINS: u32 = 1_000_000;

/// A participant's number and PIN, as the participant's page shows them: `7-042917`. A program says it to the challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    participant: ParticipantId,
    pin: u32,
}

/// The text is not a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseTicketError;

impl Ticket {
    /// The ticket of a participant. The PIN is made of four of the token's 16 bytes, and tells nothing of the others.
    #[must_use]
    pub fn new(participant: ParticipantId, token: &Token) -> Self {
        let [one, two, three, four, ..] = token.0;
        Self { participant, pin: u32::from_le_bytes([one, two, three, four]) % PINS }
    }

    /// Whose it is, if the PIN is right.
    #[must_use]
    pub const fn participant(self) -> ParticipantId {
        self.participant
    }
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:06}", u64::from(self.participant.0) + 1, self.pin)
    }
}

impl FromStr for Ticket {
    type Err = ParseTicketError;

    fn from_str(text: &str) -> Result<Self, ParseTicketError> {
        let (number, pin) = text.trim().split_once('-').ok_or(ParseTicketError)?;
        let digits = |text: &str| -> Result<u32, ParseTicketError> {
            let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
            if is_number {
                text.parse().map_err(|_| ParseTicketError)
            } else {
                Err(ParseTicketError)
            }
        };
        let participant = digits(number)?.checked_sub(1).map(ParticipantId);
        let pin = digits(pin)?;
        let participant = participant.filter(|_| pin < PINS).ok_or(ParseTicketError)?;
        Ok(Self { participant, pin })
    }
}

impl fmt::Display for ParseTicketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is not what a student's page shows, such as 7-042917")
    }
}

impl std::error::Error for ParseTicketError {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_ticket_is_read_as_a_page_shows_it_and_nothing_else_is() {
        let mut token = Token([0xaa; 16]);
        token.0[..4].copy_from_slice(&42_917_u32.to_le_bytes());
        let ticket = Ticket::new(ParticipantId(6), &token);
        assert_eq!(ticket.to_string(), "7-042917");
        assert_eq!(" 7-042917\n".parse(), Ok(ticket));
        for text in
            ["", "7", "7-", "-042917", "0-042917", "7-1000000", "+7-042917", "7-04291x", "7--1"]
        {
            assert_eq!(text.parse::<Ticket>(), Err(ParseTicketError), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_ticket_is_read_as_it_is_shown(number in 0..u32::MAX, token: [u8; 16]) {
            let ticket = Ticket::new(ParticipantId(number), &Token(token));
            prop_assert_eq!(ticket.to_string().parse(), Ok(ticket));
        }
    }
}
