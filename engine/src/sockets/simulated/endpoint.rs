//! One TCP socket, as the simulated kernel keeps it.

use std::collections::VecDeque;
use std::net::Ipv4Addr;

use framescope_lab::TcpState;
use framescope_syscall::Address;

use super::options::Options;
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

/// When the SYN is sent again.
#[derive(Clone, Copy, Debug)]
pub(super) struct SynRetry {
    /// In microseconds.
    pub(super) at: u64,
    /// The wait before it, in microseconds.
    pub(super) wait: u64,
    /// How often it has been sent again.
    pub(super) count: u32,
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
    /// The other end. It may be gone.
    pub(super) peer: Option<EndpointId>,
    /// Whether a blocked `connect` is being repeated.
    pub(super) connect_waits: bool,
    pub(super) accept_queue: AcceptQueue,
    /// The bytes that have arrived and were not read.
    pub(super) recv_queue: VecDeque<u8>,
    /// The bytes that `send` took and that are not on the wire: the window is full, or Nagle's
    /// algorithm holds them.
    pub(super) send_queue: VecDeque<u8>,
    /// The number of bytes that are on the wire and not acknowledged.
    pub(super) unacknowledged: usize,
    /// Whether bytes have arrived since this endpoint last sent some.
    pub(super) received_since_send: bool,
    /// Whether this endpoint has sent a reply. Since then its acknowledgements are delayed, so that a
    /// reply can carry them. Linux calls this ping-pong mode.
    pub(super) delays_acks: bool,
    /// When the delayed acknowledgement is sent without a reply, in microseconds.
    pub(super) ack_at: Option<u64>,
    /// Whether nothing more is received.
    pub(super) read_shut: bool,
    /// Whether nothing more is sent.
    pub(super) write_shut: bool,
    /// Whether a FIN follows the bytes in `send_queue`.
    pub(super) fin_follows: bool,
    pub(super) fin_received: bool,
    /// The error that the next call returns, as an errno.
    pub(super) error: Option<u32>,
    pub(super) syn_retry: Option<SynRetry>,
    /// When an orphan in `FIN_WAIT2` is forgotten, in microseconds.
    pub(super) forget_at: Option<u64>,
}

impl Endpoint {
    /// A socket as `socket(2)` makes it.
    pub(super) const fn new(owner: ProgramId) -> Self {
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
            peer: None,
            connect_waits: false,
            accept_queue: AcceptQueue { backlog: 0, waiting: VecDeque::new() },
            recv_queue: VecDeque::new(),
            send_queue: VecDeque::new(),
            unacknowledged: 0,
            received_since_send: false,
            delays_acks: false,
            ack_at: None,
            read_shut: false,
            write_shut: false,
            fin_follows: false,
            fin_received: false,
            error: None,
            syn_retry: None,
            forget_at: None,
        }
    }

    /// The number of bytes that `send` took and that are not acknowledged.
    pub(super) fn unsent(&self) -> usize {
        self.unacknowledged + self.send_queue.len()
    }

    /// The number of bytes that `send` would take.
    pub(super) fn send_space(&self) -> usize {
        self.options.send_capacity().saturating_sub(self.unsent())
    }

    /// The number of bytes that the peer may send.
    pub(super) fn window(&self) -> usize {
        self.options.recv_capacity().saturating_sub(self.recv_queue.len())
    }

    /// Makes it one end of an established connection.
    pub(super) fn establish(&mut self, peer: EndpointId) {
        self.state = TcpState::Established;
        self.peer = Some(peer);
        self.syn_retry = None;
        self.options.connected();
    }

    /// Ends the connection: nothing is sent or received any more. What has arrived can still be read.
    pub(super) fn done(&mut self) {
        self.state = TcpState::Closed;
        if !self.port_bound {
            self.port = None;
        }
        self.read_shut = true;
        self.write_shut = true;
        self.fin_follows = false;
        self.send_queue.clear();
        self.unacknowledged = 0;
        self.syn_retry = None;
        self.ack_at = None;
        self.forget_at = None;
        self.connect_waits = false;
    }

    /// Makes it a socket that can be connected again. If the connection had ended before, a port that was
    /// bound since then stays.
    pub(super) fn disconnect(&mut self) {
        let port = self.port.filter(|_| self.state == TcpState::Closed);
        self.done();
        self.port = self.port.or(port);
        self.recv_queue.clear();
        self.read_shut = false;
        self.write_shut = false;
        self.fin_received = false;
        self.received_since_send = false;
        self.delays_acks = false;
        self.peer = None;
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
