//! One TCP socket, as the simulated kernel keeps it.

use std::collections::VecDeque;
use std::net::Ipv4Addr;

use framescope_lab::TcpState;
use framescope_syscall::Address;

use super::options::Options;
use super::receiving::{Acks, Receiving};
use super::segment::Packet;
use super::sending::Sending;
use crate::sockets::kernel::ProgramId;

/// A socket of the kernel. An id is never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct EndpointId(pub(super) u64);

/// No address yet.
pub(super) const UNBOUND: Address = Address { ip: Ipv4Addr::UNSPECIFIED, port: 0 };

/// What a program has made of a socket. Linux has this beside the state of TCP (`socket_state`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Unconnected,
    /// A `connect` has begun, and no `connect` has returned its result.
    Connecting,
    Connected,
    /// A `shutdown` came after a connection that ended before a `connect` returned its result.
    Disconnecting,
}

/// The accept queue of a listening socket.
#[derive(Clone, Debug, Default)]
pub(super) struct AcceptQueue {
    pub(super) backlog: usize,
    pub(super) waiting: VecDeque<EndpointId>,
}

impl AcceptQueue {
    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() > self.backlog
    }
}

/// One TCP socket.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they change one by one")]
pub(super) struct Endpoint {
    /// The program that opened, accepted or last had it.
    pub(super) owner: ProgramId,
    /// Whether a program has closed it. TCP then finishes without a program.
    pub(super) orphan: bool,
    pub(super) phase: Phase,
    pub(super) state: TcpState,
    pub(super) options: Options,
    /// What `getsockname` returns.
    pub(super) local: Address,
    /// The port that it keeps from others.
    pub(super) port: Option<u16>,
    /// Whether `bind` gave the host, so that it stays when a connection ends.
    pub(super) ip_bound: bool,
    /// Whether `bind` gave the port, so that it stays when a connection ends.
    pub(super) port_bound: bool,
    /// The address of the peer, from `connect` on.
    pub(super) peer_address: Option<Address>,
    /// The listener, until its accept queue has the connection.
    pub(super) listener: Option<EndpointId>,
    /// Whether a blocked `connect` is being repeated.
    pub(super) connect_waits: bool,
    pub(super) accept_queue: AcceptQueue,
    pub(super) sending: Sending,
    /// Whether a program has found the send buffer full.
    pub(super) wants_space: bool,
    pub(super) receiving: Receiving,
    /// Whether nothing more is received.
    pub(super) read_shut: bool,
    /// Whether nothing more is sent.
    pub(super) write_shut: bool,
    /// The error that the next call returns, as an errno.
    pub(super) error: Option<u32>,
    /// When an orphan in `FIN_WAIT2` is forgotten, in microseconds.
    pub(super) forget_at: Option<u64>,
}

impl Endpoint {
    /// A socket as `socket(2)` makes it.
    pub(super) fn new(owner: ProgramId) -> Self {
        Self {
            owner,
            orphan: false,
            phase: Phase::Unconnected,
            state: TcpState::Closed,
            options: Options::new(),
            local: UNBOUND,
            port: None,
            ip_bound: false,
            port_bound: false,
            peer_address: None,
            listener: None,
            connect_waits: false,
            accept_queue: AcceptQueue { backlog: 0, waiting: VecDeque::new() },
            sending: Sending::new(),
            wants_space: false,
            receiving: Receiving::default(),
            read_shut: false,
            write_shut: false,
            error: None,
            forget_at: None,
        }
    }

    /// The largest payload of the next segment. It is smaller if the segment has ranges of SACK: Linux,
    /// `tcp_current_mss`.
    pub(super) fn mss(&self, mtu: u64) -> u64 {
        self.sending.mss(mtu).saturating_sub(self.receiving.sack_length())
    }

    /// The number of bytes that `send` would take.
    pub(super) fn send_space(&self) -> usize {
        self.options.send_capacity().saturating_sub(self.sending.unacknowledged())
    }

    /// Both numbers of the connection begin anew, that of this end here.
    pub(super) fn begin(&mut self, initial: u64) {
        self.sending = Sending::new();
        self.sending.begin(initial);
        self.receiving = Receiving::default();
    }

    /// The SYN of the peer has arrived.
    pub(super) fn take_syn(&mut self, packet: &Packet) {
        self.receiving.begin(packet.seq + 1);
        self.receiving.stamp = Some(packet.stamp);
        self.sending.set_peer_mss(packet.syn.mss.map_or(536, u64::from));
        self.sending.take_first_window(packet.seq, packet.window);
    }

    /// Makes it one end of an established connection.
    pub(super) fn establish(&mut self) {
        self.state = TcpState::Established;
        self.options.expand_send_buffer(self.sending.peer_mss(), 0);
    }

    /// Ends the connection: nothing is sent or received any more. What has arrived can still be read.
    pub(super) fn done(&mut self) {
        self.state = TcpState::Closed;
        if !self.port_bound {
            self.port = None;
        }
        self.read_shut = true;
        self.write_shut = true;
        self.sending.clear();
        self.receiving.acks = Acks::default();
        self.forget_at = None;
    }

    /// Makes it a socket that can be connected again. If the connection had ended before, a port that was
    /// bound since then stays.
    pub(super) fn disconnect(&mut self) {
        let port = self.port.filter(|_| self.state == TcpState::Closed);
        self.done();
        self.port = self.port.or(port);
        self.connect_waits = false;
        self.sending = Sending::new();
        self.receiving = Receiving::default();
        self.read_shut = false;
        self.write_shut = false;
        self.peer_address = None;
        if !self.ip_bound {
            self.local.ip = Ipv4Addr::UNSPECIFIED;
        }
    }

    /// Undoes a `connect` that has not sent its SYN.
    pub(super) const fn give_back(&mut self) {
        self.peer_address = None;
        if !self.port_bound {
            self.port = None;
        }
        if !self.ip_bound {
            self.local.ip = Ipv4Addr::UNSPECIFIED;
        }
    }
}
