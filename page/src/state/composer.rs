//! What the user writes to send.

/// The most times that the composer sends its text at once.
pub const MAX_TIMES: u32 = 1000;

/// A message to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composer {
    /// The payload.
    pub text: String,
    /// How many times to send it, each time in a separate send. `None` if the user typed an invalid
    /// number.
    pub times: Option<u32>,
}
