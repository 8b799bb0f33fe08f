//! What the system's kernel reports about the sockets of programs.
//!
//! On Linux it is asked by the two addresses of a connection, which are known also when no program has a descriptor of it;
//! on macOS by its descriptor. On other systems nothing is known.
//!
//! May use: `net`.

#[cfg(not(target_os = "linux"))]
mod by_descriptor;
mod kept;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;

use std::net::SocketAddrV4;

use framescope_lab::{Backlog, SendLimits, Socket, TcpState};
use framescope_syscall::{Address, Fd};

#[cfg(not(target_os = "linux"))]
pub(crate) use self::by_descriptor::Reporter;
pub(crate) use self::kept::{kept_without_descriptor, not_accepted};
#[cfg(target_os = "linux")]
pub(crate) use self::linux::Reporter;

/// What the kernel reports about one socket.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Report {
    pub(crate) state: Option<TcpState>,
    /// The bytes that wait for a `recv`. Of a socket that listens, the connections that wait for an `accept`.
    pub(crate) waiting: Option<u32>,
    /// The bytes that the peer has not acknowledged. Of a socket that listens, its backlog.
    pub(crate) outstanding: Option<u32>,
    /// What it keeps to when it sends. `None` of a socket that is not connected.
    pub(crate) limits: Option<SendLimits>,
    /// Whether the kernel sends something again if no acknowledgement comes soon.
    pub(crate) awaits_ack: bool,
}

impl Report {
    /// The report as it stands in a trace.
    pub(crate) fn describe(
        self,
        fd: Option<Fd>,
        local: SocketAddrV4,
        peer: Option<SocketAddrV4>,
    ) -> Socket {
        let Self { state, waiting, outstanding, limits, awaits_ack: _ } = self;
        let listens = state == Some(TcpState::Listen);
        let shown = |address: SocketAddrV4| Address { ip: *address.ip(), port: address.port() };
        Socket {
            fd,
            state,
            local: shown(local),
            peer: peer.map(shown),
            unread: waiting.filter(|_| !listens),
            unacknowledged: outstanding.filter(|_| !listens),
            limits,
            backlog: waiting
                .zip(outstanding)
                .filter(|_| listens)
                .map(|(waiting, limit)| Backlog { waiting, limit }),
        }
    }
}

/// Both ends of a connection, as the kernel knows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ends {
    pub(crate) local: SocketAddrV4,
    pub(crate) peer: SocketAddrV4,
}

impl Ends {
    /// The same connection, seen from the other side.
    pub(crate) const fn mirrored(self) -> Self {
        Self { local: self.peer, peer: self.local }
    }
}
