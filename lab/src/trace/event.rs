//! What happens in a run.

use std::fmt;

use framescope_record::Data;
use serde::{Deserialize, Serialize};

use super::errno::Errno;
use super::tcp_info::TcpInfo;
use super::value::Value;
use crate::experiment::Side;

/// One thing that happened to one side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Microseconds since the experiment began.
    pub at: u64,
    /// Whose call it was.
    pub side: Side,
    /// The index of the call in its program.
    pub call: u16,
    /// What happened.
    #[serde(rename = "happened")]
    pub kind: EventKind,
    /// What the kernel says of each side's socket afterwards, by side.
    #[serde(rename = "figures")]
    pub tcp_info: Vec<TcpInfo>,
}

impl Event {
    /// A bound on how long it is in a [`Report`](crate::Report), in bytes.
    #[must_use]
    pub fn encoded_bound(&self) -> usize {
        let data = match &self.kind {
            EventKind::Sent(data)
            | EventKind::Received { got: data, .. }
            | EventKind::Returned(Value::Bytes(data) | Value::Message(data)) => data.0.len(),
            EventKind::Began
            | EventKind::Blocked(_)
            | EventKind::Accepted(_)
            | EventKind::Failed(_)
            | EventKind::Returned(_) => 0,
        };
        data + NUMBERS_BOUND + self.tcp_info.len() * FIGURES_BOUND
    }
}

/// All numbers and tags of an event but the figures, encoded, in bytes.
const NUMBERS_BOUND: usize = 64;

/// The figures of one side, encoded, in bytes: three options, and two numbers of at most 5.
const FIGURES_BOUND: usize = 16;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventKind {
    /// The call began.
    Began,
    /// The call waits.
    Blocked(BlockedOn),
    /// `accept` handed over the connection of this client; `None` where it is nobody's here.
    Accepted(Option<Side>),
    /// The kernel took these bytes.
    Sent(Data),
    /// One `recv(asked)` returned these bytes; none is the end of the stream.
    Received {
        /// What was asked for.
        asked: u32,
        /// What was got.
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
    /// `connect`: the handshake.
    Handshake,
    /// `accept`: a client.
    Client,
    /// `recv`: bytes, or the end.
    Bytes,
    /// `send`: space in the buffers, which a `recv` at the other side makes.
    #[serde(rename = "room")]
    BufferSpace,
    /// `sleep`: the clock.
    Clock,
}

impl fmt::Display for BlockedOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Handshake => "waits for the handshake",
            Self::Client => "waits for a client",
            Self::Bytes => "waits for bytes",
            Self::BufferSpace => "waits for room",
            Self::Clock => "sleeps",
        })
    }
}
