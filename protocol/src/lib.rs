//! The interface between the page and the relay. The lab's commands and reports are in `lab`.
//!
//! What comes in: a JSON object, a query, a status, a close code. What goes out: typed values with their
//! bounds and defaults. The page and the relay both import them, so nothing is written twice.
//!
//! This crate does no I/O.
//!
//! May use: `framing`, `record`.

pub mod close_code;
mod end_reason;
pub mod paths;
mod read_options;
mod refused;
mod relay_info;

pub use end_reason::EndReason;
pub use read_options::{MAX_DELAY_MS, ParseReadOptionsError, ReadOptions};
pub use refused::Refused;
pub use relay_info::{JsonObject, RelayInfo};

/// The subprotocol of the bridge, as in websockify: bytes in binary messages.
pub const BINARY_SUBPROTOCOL: &str = "binary";

/// The name of the target that every relay has: the built-in TCP server.
pub const DEMO_TARGET: &str = "demo";
