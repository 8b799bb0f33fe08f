//! The protocol between the page and the relay on `/lab`.
//!
//! What comes in: commands and reports. What goes out: the payloads of binary WebSocket messages, one
//! message for each, encoded with [postcard](https://postcard.jamesmunns.com). Decoding checks every
//! bound. The page and the relay come from one build, so they negotiate only the subprotocol's name.
//!
//! May use: `experiment`, `trace`.

mod command;
mod report;

pub use command::{Command, CommandError, LAB_SUBPROTOCOL, MAX_COMMAND, MAX_SERIES, MIN_SERIES};
pub use report::Report;
