//! What the system's kernel reports about the sockets of programs.
//!
//! On Linux it is asked by the two addresses of a connection, which are known also when no program has a descriptor of it;
//! on macOS by its descriptor. On other systems nothing is known.
//!
//! May use: `net`.

#[cfg(not(target_os = "linux"))]
mod by_descriptor;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;

use std::net::SocketAddrV4;

use framescope_lab::{SendLimits, TcpState};

#[cfg(not(target_os = "linux"))]
pub(super) use self::by_descriptor::Reporter;
#[cfg(target_os = "linux")]
pub(super) use self::linux::Reporter;

/// What the kernel reports about one socket.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Report {
    pub(super) state: Option<TcpState>,
    /// The bytes that wait for a `recv`. Of a socket that listens, the connections that wait for an `accept`.
    pub(super) waiting: Option<u32>,
    /// The bytes that the peer has not acknowledged. Of a socket that listens, its backlog.
    pub(super) outstanding: Option<u32>,
    /// What it keeps to when it sends. `None` of a socket that is not connected.
    pub(super) limits: Option<SendLimits>,
    /// Whether the kernel sends something again if no acknowledgement comes soon.
    pub(super) awaits_ack: bool,
}

/// Both ends of a connection, as the kernel knows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Ends {
    pub(super) local: SocketAddrV4,
    pub(super) peer: SocketAddrV4,
}

impl Ends {
    /// The same connection, seen from the other side.
    pub(super) const fn mirrored(self) -> Self {
        Self { local: self.peer, peer: self.local }
    }
}
