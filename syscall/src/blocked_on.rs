//! What a call waits for.

use serde::{Deserialize, Serialize};

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockedOn {
    /// `connect` waits for the handshake. So does a `send` before its end.
    Handshake,
    /// `accept` waits for a client.
    Client,
    /// `recv` waits for bytes, or for the end of the stream.
    Bytes,
    /// `send` waits for space in the send buffer.
    BufferSpace,
    /// `select` waits for one of its sockets.
    Readiness,
    /// `sleep` waits for the clock.
    Clock,
}
