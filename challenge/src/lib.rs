//! The challenge: a server that delivers its messages as badly as TCP may, and what it finds of a client's answers.
//!
//! A client connects and sends one message, whatever it is. From then on it answers each message with the same bytes, framed
//! like all messages. What comes in: the number of a case, a seed, and the bytes of the client. What goes out: what to send
//! and when, and a [`Verdict`].
//!
//! This crate does no I/O, reads no clock, and draws its numbers from the seed: the same case with the same seed is the same
//! everywhere.
//!
//! May use: `framing`.

mod case;
mod conversation;
mod script;
mod seeded;
mod verdict;

pub use case::Case;
pub use conversation::{Action, Conversation, Ending, MAX_ANSWERS};
pub use script::{Script, Step};
pub use verdict::{Failure, Reason, Verdict};
