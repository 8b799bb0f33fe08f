//! What the page and the relay agree on, but for the words of the lab, which `lab` has.
//!
//! In go the texts that travel between the two: a JSON object, a query, a status, a close code. Out come
//! values that both understand in the same way, with their bounds and defaults. Nothing of it is written
//! down in the page or in the relay once more.
//!
//! This crate does no I/O.
//!
//! May use: `framing`, `record`.

pub mod close_code;
pub mod paths;
mod read_options;
mod refused;
mod relay_info;

pub use read_options::{MAX_DELAY_MS, ParseReadOptionsError, ReadOptions};
pub use refused::Refused;
pub use relay_info::{JsonObject, RelayInfo};

/// The subprotocol of the bridge, which the websockify family speaks: bytes in binary messages.
pub const BINARY_SUBPROTOCOL: &str = "binary";

/// The name of the target that every relay has: its built-in TCP server.
pub const DEMO_TARGET: &str = "demo";
