//! What the page and the relay say to each other on `/lab`.
//!
//! In go commands and reports, out come the payloads of binary WebSocket messages, one for each,
//! encoded with [postcard](https://postcard.jamesmunns.com); and back, with every bound checked. Both
//! ends are of one build, so that the encoding needs no negotiation beyond its name.
//!
//! May use: `experiment`, `trace`.

mod command;
mod report;

pub use command::{Command, CommandError, LAB_SUBPROTOCOL, MAX_COMMAND, MAX_SERIES, MIN_SERIES};
pub use report::Report;
