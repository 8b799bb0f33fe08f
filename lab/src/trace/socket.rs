//! What a kernel reports about a socket of a program.

use framescope_syscall::{Address, Fd};
use serde::{Deserialize, Serialize};

use super::tcp_state::TcpState;

/// What a kernel reports about a socket. `None` for what it does not report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Socket {
    /// The descriptor. `None` if the program has closed it, or has not accepted it yet.
    pub fd: Option<Fd>,
    /// The state of TCP.
    pub state: Option<TcpState>,
    /// Its own address, `0.0.0.0:0` before it has one.
    pub local: Address,
    /// The address of the peer, from `connect` or `accept` on.
    pub peer: Option<Address>,
    /// The number of bytes that have arrived and that no `recv` has returned.
    pub unread: Option<u32>,
    /// The number of bytes that `send` took and that the peer's kernel has not acknowledged.
    pub unacknowledged: Option<u32>,
    /// How fast it may send.
    #[serde(default)]
    pub limits: Option<SendLimits>,
    /// The connections that wait for an `accept`, if the socket listens.
    pub backlog: Option<Backlog>,
}

/// What a kernel keeps to when a connection sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendLimits {
    /// The window that the peer has announced last, in bytes.
    pub window: u32,
    /// How many segments may be on their way: the congestion window.
    pub cwnd: u32,
    /// How long a segment waits for its acknowledgement before it is sent again, in milliseconds.
    pub rto_ms: u32,
}

/// The accept queue of a listening socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backlog {
    /// The number of connections that wait for an `accept`.
    pub waiting: u32,
    /// The backlog of `listen`. The queue holds one connection more.
    pub limit: u32,
}
