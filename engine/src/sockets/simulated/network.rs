//! Every socket of the loopback interface, the connections in `TIME_WAIT`, and the virtual clock.

use std::collections::{BTreeMap, VecDeque};

use framescope_lab::TcpState;
use framescope_syscall::Address;

use super::endpoint::{Endpoint, EndpointId};
use super::limits::{EPHEMERAL_PORTS, MAX_BUFFERED, MAX_SOCKETS, MAX_TIME_WAITS, TIME_WAIT_US};
use super::options::Options;
use crate::sockets::kernel::ProgramId;

/// A connection that has ended, and whose addresses are kept for a minute.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeWait {
    pub(super) owner: ProgramId,
    pub(super) local: Address,
    pub(super) peer: Address,
    pub(super) options: Options,
    /// In microseconds.
    pub(super) since: u64,
}

/// What the programs of a run share.
#[derive(Clone, Debug)]
pub(super) struct Network {
    /// The time, in microseconds.
    pub(super) now: u64,
    pub(super) endpoints: BTreeMap<EndpointId, Endpoint>,
    /// The oldest first.
    pub(super) time_waits: VecDeque<TimeWait>,
    /// Where the search for a free port begins.
    pub(super) next_port: u16,
    next_id: u64,
}

impl Network {
    pub(super) const fn new() -> Self {
        Self {
            now: 0,
            endpoints: BTreeMap::new(),
            time_waits: VecDeque::new(),
            next_port: *EPHEMERAL_PORTS.start(),
            next_id: 0,
        }
    }

    /// Adds a socket. `None` if there are too many.
    pub(super) fn add(&mut self, endpoint: Endpoint) -> Option<EndpointId> {
        if self.endpoints.len() >= MAX_SOCKETS {
            return None;
        }
        let id = EndpointId(self.next_id);
        self.next_id += 1;
        self.endpoints.insert(id, endpoint);
        Some(id)
    }

    pub(super) fn get(&self, id: EndpointId) -> Option<&Endpoint> {
        self.endpoints.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: EndpointId) -> Option<&mut Endpoint> {
        self.endpoints.get_mut(&id)
    }

    /// The other end of a connection. `None` if it is gone, or has another peer since.
    pub(super) fn peer_of(&self, id: EndpointId) -> Option<EndpointId> {
        let peer = self.get(id)?.peer?;
        (self.get(peer)?.peer == Some(id)).then_some(peer)
    }

    /// The number of bytes that the buffers of all sockets can still take.
    pub(super) fn buffer_space(&self) -> usize {
        let used = |one: &Endpoint| one.recv_queue.len() + one.send_queue.len();
        MAX_BUFFERED.saturating_sub(self.endpoints.values().map(used).sum())
    }

    /// Ends a connection. An orphan is forgotten.
    pub(super) fn done(&mut self, id: EndpointId) {
        let Some(endpoint) = self.get_mut(id) else { return };
        endpoint.done();
        if endpoint.orphan {
            self.endpoints.remove(&id);
        }
    }

    /// Ends a connection, and keeps its addresses for a minute.
    pub(super) fn enter_time_wait(&mut self, id: EndpointId) {
        let since = self.now;
        if let Some(endpoint) = self.get(id)
            && let Some(peer) = endpoint.peer_address
        {
            let &Endpoint { owner, local, options, .. } = endpoint;
            self.time_waits.push_back(TimeWait { owner, local, peer, options, since });
            if self.time_waits.len() > MAX_TIME_WAITS {
                self.time_waits.pop_front();
            }
        }
        self.done(id);
    }

    /// The connection in `TIME_WAIT` between two addresses.
    pub(super) fn time_wait(&self, local: Address, peer: Address) -> Option<&TimeWait> {
        self.time_waits.iter().find(|one| one.local == local && one.peer == peer)
    }

    /// Forgets the connection in `TIME_WAIT` between two addresses. Returns whether there was one.
    pub(super) fn forget_time_wait(&mut self, local: Address, peer: Address) -> bool {
        let before = self.time_waits.len();
        self.time_waits.retain(|one| (one.local, one.peer) != (local, peer));
        self.time_waits.len() < before
    }

    /// The state of a socket as Linux's tables say it: `TIME_WAIT` is there after the socket has ended.
    pub(super) fn state_of(&self, endpoint: &Endpoint) -> TcpState {
        match endpoint.peer_address {
            Some(peer)
                if endpoint.state == TcpState::Closed
                    && self.time_wait(endpoint.local, peer).is_some() =>
            {
                TcpState::TimeWait
            }
            Some(_) | None => endpoint.state,
        }
    }

    /// Forgets the connections whose minute is over.
    pub(super) fn forget_old(&mut self) {
        let now = self.now;
        while self
            .time_waits
            .front()
            .is_some_and(|one| one.since.saturating_add(TIME_WAIT_US) <= now)
        {
            self.time_waits.pop_front();
        }
        self.endpoints.retain(|_, one| one.forget_at.is_none_or(|at| at > now));
    }
}
