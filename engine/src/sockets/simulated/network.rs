//! Every socket of the loopback interface, the connections in `TIME_WAIT`, and the virtual clock.

use std::collections::{BTreeMap, VecDeque};

use framescope_lab::{TcpState, WireSetup};
use framescope_syscall::Address;

use super::endpoint::{Endpoint, EndpointId};
use super::limits::{EPHEMERAL_PORTS, MAX_BUFFERED, MAX_SOCKETS, MAX_TIME_WAITS, TIME_WAIT_US};
use super::options::Options;
use super::segment::Packet;
use crate::sockets::kernel::ProgramId;
use crate::wire::{Crossed, Wire};

/// A connection that has ended, and whose addresses are kept for a minute.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeWait {
    pub(super) owner: ProgramId,
    pub(super) local: Address,
    pub(super) peer: Address,
    pub(super) options: Options,
    /// The number after all that this end has sent.
    pub(super) sent: u64,
    /// The number after all that this end has received.
    pub(super) received: u64,
    pub(super) window: u64,
    pub(super) window_scale: u8,
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
    /// How many connections have begun.
    begun: u64,
    /// The largest packet, in bytes.
    pub(super) mtu: u64,
    pub(super) wire: Wire<Packet>,
    /// What has happened on the wire and was not said yet.
    pub(super) happened: VecDeque<Crossed>,
}

impl Network {
    pub(super) fn new(setup: &WireSetup) -> Self {
        Self {
            now: 0,
            endpoints: BTreeMap::new(),
            time_waits: VecDeque::new(),
            next_port: *EPHEMERAL_PORTS.start(),
            next_id: 0,
            begun: 0,
            mtu: setup.mtu.into(),
            wire: Wire::new(setup),
            happened: VecDeque::new(),
        }
    }

    /// The first number of a new connection. Its numbers are those of no other connection, so that a segment that comes
    /// late is not taken for one of a newer connection.
    pub(super) const fn initial_number(&mut self) -> u64 {
        self.begun += 1;
        // Any lower bits do.
        (self.begun << 32) | (self.begun.wrapping_mul(0x9E37_79B9) & 0xFFFF_FFFF)
    }

    pub(super) fn put_on_wire(&mut self, packet: Packet) {
        let header = packet.header();
        let (sent, fate) = self.wire.send(self.now, &header, packet);
        self.happened.push_back(sent);
        self.happened.extend(fate);
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

    /// The number of bytes that the buffers of all sockets can still take.
    pub(super) fn buffer_space(&self) -> usize {
        let used = |one: &Endpoint| one.receiving.kept() + one.sending.unacknowledged();
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
            let receiving = &endpoint.receiving;
            self.time_waits.push_back(TimeWait {
                owner,
                local,
                peer,
                options,
                sent: endpoint.sending.next,
                received: receiving.next,
                window: receiving.announced(),
                window_scale: receiving.window_scale,
                since,
            });
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
