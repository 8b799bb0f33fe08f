//! The descriptors of one program.

use std::collections::BTreeMap;

use super::endpoint::EndpointId;
use super::limits::{FIRST_DESCRIPTOR, MAX_DESCRIPTORS};
use framescope_syscall::Fd;

/// The open descriptors of a program, and their sockets.
#[derive(Clone, Debug, Default)]
pub(super) struct Descriptors {
    open: BTreeMap<u32, EndpointId>,
}

impl Descriptors {
    /// The descriptor that the next socket gets: the lowest free one. `None` if the program has too many.
    pub(super) fn lowest_free(&self) -> Option<Fd> {
        if self.open.len() >= MAX_DESCRIPTORS {
            return None;
        }
        let mut free = FIRST_DESCRIPTOR;
        for used in self.open.keys() {
            if *used > free {
                break;
            }
            free = used + 1;
        }
        Some(Fd(free))
    }

    pub(super) fn open(&mut self, fd: Fd, socket: EndpointId) {
        self.open.insert(fd.0, socket);
    }

    pub(super) fn get(&self, fd: Fd) -> Option<EndpointId> {
        self.open.get(&fd.0).copied()
    }

    /// Takes a descriptor out.
    pub(super) fn close(&mut self, fd: Fd) -> Option<EndpointId> {
        self.open.remove(&fd.0)
    }

    /// The open descriptors in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Fd, EndpointId)> + '_ {
        self.open.iter().map(|(fd, socket)| (Fd(*fd), *socket))
    }
}
