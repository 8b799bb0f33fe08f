//! A system that cannot be asked.

use std::net::SocketAddrV4;

use socket2::Socket;

use super::{Ends, Report};

/// This system cannot be asked.
#[derive(Debug)]
pub(in crate::programs) struct Reporter;

impl Reporter {
    pub(in crate::programs) const fn new() -> Self {
        Self
    }

    pub(in crate::programs) fn of_closed(&self, _: Ends) -> Report {
        Report::default()
    }

    pub(in crate::programs) fn of_open(
        &self,
        _: &Socket,
        _: SocketAddrV4,
        _: Option<SocketAddrV4>,
    ) -> Report {
        Report::default()
    }

    pub(in crate::programs) fn of(&self, _: SocketAddrV4, _: Option<SocketAddrV4>) -> Report {
        Report::default()
    }
}
