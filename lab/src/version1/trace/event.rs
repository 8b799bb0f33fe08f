//! The events of a run.

use std::fmt;

use framescope_record::Data;
use serde::{Deserialize, Serialize};

use super::errno::Errno;
use super::tcp_info::TcpInfo;
use super::value::Value;
use crate::version1::experiment::Side;

/// One event of one side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Microseconds since the experiment began.
    pub at: u64,
    /// The side whose call it belongs to.
    pub side: Side,
    /// The index of that call in the side's program.
    pub call: u16,
    /// What happened.
    #[serde(rename = "happened")]
    pub kind: EventKind,
    /// What the kernel reports about each side's socket after the event, by side.
    #[serde(rename = "figures")]
    pub tcp_info: Vec<TcpInfo>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventKind {
    /// The call began.
    Began,
    /// The call waits.
    Blocked(BlockedOn),
    /// `accept` returned the connection of this client. `None` if the client is not in the experiment.
    Accepted(Option<Side>),
    /// The kernel took these bytes.
    Sent(Data),
    /// One `recv(asked)` returned these bytes. Empty at the end of the stream.
    Received {
        /// The number of bytes that it asked for.
        asked: u32,
        /// The bytes that it returned.
        got: Data,
    },
    /// A system call failed.
    Failed(Errno),
    /// The call returned.
    Returned(Value),
}

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockedOn {
    /// `connect` waits for the handshake.
    Handshake,
    /// `accept` waits for a client.
    Client,
    /// `recv` waits for bytes, or for the end of the stream.
    Bytes,
    /// `send` waits for space in the buffers. A `recv` of the peer frees some.
    #[serde(rename = "room")]
    BufferSpace,
    /// `sleep` waits for the clock.
    Clock,
}

impl fmt::Display for BlockedOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Handshake => "waits for the handshake",
            Self::Client => "waits for a client",
            Self::Bytes => "waits for bytes",
            Self::BufferSpace => "waits for buffer space",
            Self::Clock => "sleeps",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_call_waits_for_is_spelled_as_in_files_of_version_1() {
        for (blocked_on, spelling) in [
            (BlockedOn::Handshake, "handshake"),
            (BlockedOn::Client, "client"),
            (BlockedOn::Bytes, "bytes"),
            (BlockedOn::BufferSpace, "room"),
            (BlockedOn::Clock, "clock"),
        ] {
            let json = serde_json::to_value(blocked_on).expect("it is a string");
            assert_eq!(json, spelling);
        }
    }
}
