//! What a run asks of a kernel, real or simulated.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::process::{Outcome, Syscall};
use crate::{Side, SocketFigures};

/// A kernel that a run makes its system calls on. No call waits: one that would is answered with
/// [`Answer::Blocked`] and made again later.
pub trait Kernel {
    /// Microseconds since the experiment began.
    fn now(&self) -> u64;

    /// Makes a system call for a side.
    fn call(&mut self, side: Side, syscall: &Syscall) -> Answer;

    /// What the kernel says of a side's socket: a client's, a server's newest connection, or while
    /// it has none, its listener.
    fn figures(&self, side: Side) -> SocketFigures;
}

/// What a kernel answers to a system call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The call is over.
    Done(Outcome),
    /// It has to be made again later.
    Blocked(BlockedOn),
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
    /// `send`: room in the buffers, which a `recv` at the other side makes.
    Room,
    /// `sleep`: the clock.
    Clock,
}

impl fmt::Display for BlockedOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Handshake => "waits for the handshake",
            Self::Client => "waits for a client",
            Self::Bytes => "waits for bytes",
            Self::Room => "waits for room",
            Self::Clock => "sleeps",
        })
    }
}
