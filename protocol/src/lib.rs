//! The interface between the page and the relay. The lab's commands and reports are in `lab`.
//!
//! What comes in: a JSON object, a query, a status, a close code, a message of reads. What goes out: typed values with
//! their bounds and defaults. The page and the relay both import them, so nothing is written twice.
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
mod timed_reads;

pub use end_reason::{EndReason, message_too_long};
pub use read_options::{MAX_DELAY_MS, ParseReadOptionsError, ReadOptions};
pub use refused::Refused;
pub use relay_info::{JsonObject, RelayInfo};
pub use timed_reads::{
    MAX_GROUPED, MAX_GROUPING_US, MAX_READS, MAX_READS_MESSAGE, READ_HEAD, TimedRead, TimedReads,
    TimedReadsError,
};

/// The plain subprotocol of the bridge, as in websockify: one read is one binary message.
pub const BINARY_SUBPROTOCOL: &str = "binary";

/// The subprotocol of the bridge whose messages to the client are [`TimedReads`]. To the relay, a message is
/// one write, as with [`BINARY_SUBPROTOCOL`].
pub const READS_SUBPROTOCOL: &str = "framescope.reads.v1";

/// The subprotocols of the bridge. The page offers all of them, and the relay takes the first that is offered.
pub const BRIDGE_SUBPROTOCOLS: [&str; 2] = [READS_SUBPROTOCOL, BINARY_SUBPROTOCOL];

/// The name of the target that every relay has: the built-in TCP server.
pub const DEMO_TARGET: &str = "demo";

/// The name of the other target that every relay has: an echo server without a header.
pub const PLAIN_TARGET: &str = "demo-plain";
