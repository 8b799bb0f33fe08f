//! Systems that are asked about descriptors, if at all: of connections that wait for an `accept`, and of those that their
//! programs have closed, nothing is known.

use std::net::SocketAddrV4;

use socket2::Socket;

use super::{Ends, Report};

/// Asks the kernel about descriptors.
#[derive(Debug)]
pub(crate) struct Reporter;

impl Reporter {
    pub(crate) const fn new() -> Self {
        Self
    }

    pub(crate) fn of_closed(&self, _: Ends) -> Report {
        Report::default()
    }

    /// What the kernel says of a socket that a program has open.
    pub(crate) fn of_open(
        &self,
        socket: &Socket,
        _: SocketAddrV4,
        peer: Option<SocketAddrV4>,
    ) -> Report {
        #[cfg(target_os = "macos")]
        return super::macos::report(socket, peer.is_some());
        #[cfg(not(target_os = "macos"))]
        {
            let _ = (socket, peer);
            Report::default()
        }
    }

    pub(crate) fn of(&self, _: SocketAddrV4, _: Option<SocketAddrV4>) -> Report {
        Report::default()
    }
}
