//! The simulated kernel: what TCP does between two sockets on one machine, on a virtual clock.
//!
//! The screen calls its traces *simulated*. It has only what the lessons need: byte queues with
//! bounds, a backlog, the states of RFC 9293, Nagle's algorithm (section 3.7.4) and delayed
//! acknowledgements (RFC 1122, section 4.2.3.2). Its wire loses and reorders nothing, and bytes arrive
//! at once.

use std::collections::VecDeque;

use framescope_lab::{BlockedOn, Errno, Side, TcpInfo, TcpState};

use crate::kernel::{Answer, Kernel, Outcome, Syscall};

/// The duration of a system call, in microseconds of the virtual clock.
const SYSCALL_US: u64 = 10;
/// The largest segment on the loopback interface of Linux, in bytes.
const MSS: usize = 65_483;
/// The size of the send buffer, in bytes, if `SO_SNDBUF` is not set. `send` blocks when it is full.
const SEND_BUFFER_SIZE: usize = 2_626_560;
/// The size of the receive buffer, in bytes, if `SO_RCVBUF` is not set. The window is 0 when it is full.
const RECV_BUFFER_SIZE: usize = 65_536;
/// How long Linux delays an acknowledgement that a reply might carry, in microseconds.
const DELAYED_ACK_US: u64 = 40_000;
/// The wait before an unanswered SYN is sent again, in microseconds. It doubles each time: 1, 2, 4 ...
/// seconds.
const FIRST_SYN_RETRY_US: u64 = 1_000_000;

/// One end of a connection.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they change one by one")]
struct Endpoint {
    state: TcpState,
    peer: Option<usize>,
    /// The bytes that have arrived and were not read.
    recv_queue: VecDeque<u8>,
    recv_buffer_size: usize,
    /// The bytes that `send` took and that are not on the wire: the window is full, or Nagle's
    /// algorithm holds them.
    send_queue: VecDeque<u8>,
    send_buffer_size: usize,
    /// The number of bytes that are on the wire and not acknowledged.
    unacknowledged: usize,
    nodelay: bool,
    /// Whether bytes have arrived since this endpoint last sent some.
    received_since_send: bool,
    /// Whether this endpoint has sent a reply. Since then its acknowledgements are delayed, so that a
    /// reply can carry them. Linux calls this ping-pong mode.
    delays_acks: bool,
    /// When the delayed acknowledgement is sent without a reply, in microseconds.
    ack_at: Option<u64>,
    /// Whether a FIN follows the bytes in `send_queue`.
    fin_follows: bool,
    fin_received: bool,
    /// Whether the program has closed this socket.
    closed: bool,
    /// The error that the next call returns.
    error: Option<Errno>,
    /// When the SYN is sent again, and how long that wait is. Both in microseconds.
    syn_retry: Option<(u64, u64)>,
}

#[derive(Clone, Debug)]
struct Listener {
    backlog: usize,
    /// The server's endpoints of the established connections that no `accept` has returned.
    queue: VecDeque<usize>,
}

/// A program's socket, and the options that its next connection gets.
#[derive(Clone, Debug, Default)]
struct Sockets {
    current: Option<usize>,
    connecting: bool,
    recv_buffer_size: Option<usize>,
    send_buffer_size: Option<usize>,
    nodelay: bool,
}

/// A kernel with one listener and the connections to it.
#[derive(Clone, Debug)]
pub struct SimulatedKernel {
    now: u64,
    listener: Option<Listener>,
    listener_closed: bool,
    endpoints: Vec<Endpoint>,
    sides: Vec<Sockets>,
}

impl Kernel for SimulatedKernel {
    fn now(&self) -> u64 {
        self.now
    }

    fn call(&mut self, side: Side, syscall: &Syscall) -> Answer {
        let side = usize::from(side.0);
        self.advance(self.now + SYSCALL_US);
        let done = |()| Answer::Done(Outcome::Done);
        match syscall {
            Syscall::Listen { .. } | Syscall::Accept if side != usize::from(Side::SERVER.0) => {
                Answer::Done(Outcome::Failed(Errno::BadFile))
            }
            Syscall::Listen { backlog } => {
                if self.listener_closed {
                    return Answer::Done(Outcome::Failed(Errno::BadFile));
                }
                let queue = VecDeque::new();
                self.listener = Some(Listener { backlog: usize::from(*backlog), queue });
                done(())
            }
            Syscall::Accept => self.accept(side),
            Syscall::Connect => self.connect(side),
            Syscall::Send(bytes) => self.send(side, bytes),
            Syscall::Recv(length) => self.recv(side, *length as usize),
            Syscall::Sleep { .. } => Answer::Blocked(BlockedOn::Clock),
            Syscall::SetNodelay(on) => {
                self.sides[side].nodelay = *on;
                if let Some(index) = self.sides[side].current {
                    self.endpoints[index].nodelay = *on;
                    self.flush(index);
                }
                done(())
            }
            Syscall::SetRecvBuffer(bytes) => {
                self.sides[side].recv_buffer_size = Some(*bytes as usize);
                done(())
            }
            Syscall::SetSendBuffer(bytes) => {
                self.sides[side].send_buffer_size = Some(*bytes as usize);
                done(())
            }
            Syscall::ShutdownWrite => match self.sides[side].current {
                None => Answer::Done(Outcome::Failed(Errno::NotConnected)),
                Some(index) => {
                    self.shutdown_write(index);
                    done(())
                }
            },
            Syscall::Close => {
                self.close(side, false);
                done(())
            }
            Syscall::Reset => {
                self.close(side, true);
                done(())
            }
        }
    }

    fn tcp_info(&self, side: Side) -> TcpInfo {
        let bytes = |length: usize| Some(u32::try_from(length).unwrap_or(u32::MAX));
        let sockets = self.sides.get(usize::from(side.0));
        match sockets.and_then(|sockets| sockets.current) {
            Some(index) => {
                let endpoint = &self.endpoints[index];
                TcpInfo {
                    state: Some(endpoint.state),
                    unread: bytes(endpoint.recv_queue.len()),
                    unacknowledged: bytes(endpoint.unacknowledged + endpoint.send_queue.len()),
                }
            }
            None if side == Side::SERVER && self.listener.is_some() => {
                TcpInfo { state: Some(TcpState::Listen), unread: None, unacknowledged: None }
            }
            None => TcpInfo::default(),
        }
    }
}

impl SimulatedKernel {
    /// A kernel for one server and `clients` clients, at time 0.
    #[must_use]
    pub fn new(clients: usize) -> Self {
        let sides = vec![Sockets::default(); clients + 1];
        Self { now: 0, listener: None, listener_closed: false, endpoints: Vec::new(), sides }
    }

    /// When the next timer fires: for a delayed acknowledgement, or to send a SYN again. In
    /// microseconds. `None` if no timer is set.
    #[must_use]
    pub fn next_timer(&self) -> Option<u64> {
        let acks = self.endpoints.iter().filter_map(|endpoint| endpoint.ack_at);
        let retries = self.endpoints.iter().filter_map(|endpoint| endpoint.syn_retry);
        acks.chain(retries.map(|(at, _)| at)).min()
    }

    /// Moves the clock forward to `to`, in microseconds. The timers up to that time fire on the way.
    pub fn advance(&mut self, to: u64) {
        while let Some(at) = self.next_timer().filter(|at| *at <= to) {
            self.now = self.now.max(at);
            for index in 0..self.endpoints.len() {
                if self.endpoints[index].ack_at.is_some_and(|due| due <= self.now) {
                    self.acknowledge(index);
                }
                if let Some((due, wait)) = self.endpoints[index].syn_retry
                    && due <= self.now
                {
                    self.endpoints[index].syn_retry = Some((due + 2 * wait, 2 * wait));
                    self.handshake(index);
                }
            }
        }
        self.now = self.now.max(to);
    }

    fn new_endpoint(&mut self, side: usize) -> usize {
        let sockets = &self.sides[side];
        self.endpoints.push(Endpoint {
            state: TcpState::SynSent,
            peer: None,
            recv_queue: VecDeque::new(),
            recv_buffer_size: sockets.recv_buffer_size.unwrap_or(RECV_BUFFER_SIZE),
            send_queue: VecDeque::new(),
            send_buffer_size: sockets.send_buffer_size.unwrap_or(SEND_BUFFER_SIZE),
            unacknowledged: 0,
            nodelay: sockets.nodelay,
            received_since_send: false,
            delays_acks: false,
            ack_at: None,
            fin_follows: false,
            fin_received: false,
            closed: false,
            error: None,
            syn_retry: None,
        });
        self.endpoints.len() - 1
    }

    fn connect(&mut self, side: usize) -> Answer {
        let index = match self.sides[side].current {
            Some(index) if self.endpoints[index].closed => {
                return Answer::Done(Outcome::Failed(Errno::BadFile));
            }
            Some(_) if !self.sides[side].connecting => {
                return Answer::Done(Outcome::Failed(Errno::IsConnected));
            }
            Some(index) => index,
            None if self.listener.is_none() => {
                return Answer::Done(Outcome::Failed(Errno::ConnectionRefused));
            }
            None => {
                let index = self.new_endpoint(side);
                self.sides[side].current = Some(index);
                self.sides[side].connecting = true;
                let wait = FIRST_SYN_RETRY_US;
                self.endpoints[index].syn_retry = Some((self.now + wait, wait));
                self.handshake(index);
                index
            }
        };
        if let Some(error) = self.endpoints[index].error.take() {
            return Answer::Done(Outcome::Failed(error));
        }
        if self.endpoints[index].state == TcpState::SynSent {
            return Answer::Blocked(BlockedOn::Handshake);
        }
        self.sides[side].connecting = false;
        Answer::Done(Outcome::Done)
    }

    /// A SYN arrives at the listener. Linux accepts it if at most `backlog` connections are in the
    /// queue, so the queue can hold `backlog` + 1 connections. Otherwise Linux drops the SYN.
    fn handshake(&mut self, client: usize) {
        let Some(listener) = &self.listener else {
            self.endpoints[client].error = Some(Errno::ConnectionRefused);
            self.endpoints[client].state = TcpState::Closed;
            self.endpoints[client].syn_retry = None;
            return;
        };
        if listener.queue.len() > listener.backlog {
            return;
        }
        let server = self.new_endpoint(usize::from(Side::SERVER.0));
        for (own, peer) in [(client, server), (server, client)] {
            self.endpoints[own].peer = Some(peer);
            self.endpoints[own].state = TcpState::Established;
            self.endpoints[own].syn_retry = None;
        }
        if let Some(listener) = &mut self.listener {
            listener.queue.push_back(server);
        }
    }

    fn accept(&mut self, side: usize) -> Answer {
        let Some(listener) = &mut self.listener else {
            let errno = if self.listener_closed { Errno::BadFile } else { Errno::Invalid };
            return Answer::Done(Outcome::Failed(errno));
        };
        match listener.queue.pop_front() {
            None => Answer::Blocked(BlockedOn::Client),
            Some(index) => {
                self.sides[side].current = Some(index);
                Answer::Done(Outcome::Accepted(self.client_of(index)))
            }
        }
    }

    /// The client at the other end of a server's endpoint.
    fn client_of(&self, index: usize) -> Option<Side> {
        let peer = self.endpoints[index].peer;
        let side = self.sides.iter().position(|sockets| sockets.current == peer)?;
        u8::try_from(side).ok().map(Side)
    }

    /// The endpoint that a side's next call acts on.
    fn endpoint(&self, side: usize) -> Result<usize, Errno> {
        match self.sides[side].current {
            None => Err(Errno::NotConnected),
            Some(index) if self.endpoints[index].closed => Err(Errno::BadFile),
            Some(index) => Ok(index),
        }
    }

    fn send(&mut self, side: usize, bytes: &[u8]) -> Answer {
        let index = match self.endpoint(side) {
            Ok(index) => index,
            Err(errno) => return Answer::Done(Outcome::Failed(errno)),
        };
        let endpoint = &mut self.endpoints[index];
        if endpoint.state == TcpState::Closed || endpoint.fin_follows {
            let errno = endpoint.error.take().unwrap_or(Errno::BrokenPipe);
            return Answer::Done(Outcome::Failed(errno));
        }
        let used = endpoint.send_queue.len() + endpoint.unacknowledged;
        let taken = bytes.len().min(endpoint.send_buffer_size.saturating_sub(used));
        if taken == 0 && !bytes.is_empty() {
            return Answer::Blocked(BlockedOn::BufferSpace);
        }
        endpoint.send_queue.extend(&bytes[..taken]);
        self.flush(index);
        Answer::Done(Outcome::Sent(taken))
    }

    fn recv(&mut self, side: usize, length: usize) -> Answer {
        let index = match self.endpoint(side) {
            Ok(index) => index,
            Err(errno) => return Answer::Done(Outcome::Failed(errno)),
        };
        let endpoint = &mut self.endpoints[index];
        if !endpoint.recv_queue.is_empty() {
            let taken = length.min(endpoint.recv_queue.len());
            let bytes = endpoint.recv_queue.drain(..taken).collect();
            // The window has grown, so the peer may be able to send.
            if let Some(peer) = endpoint.peer {
                self.flush(peer);
            }
            return Answer::Done(Outcome::Received(bytes));
        }
        if let Some(error) = endpoint.error.take() {
            return Answer::Done(Outcome::Failed(error));
        }
        if endpoint.fin_received || endpoint.state == TcpState::Closed {
            return Answer::Done(Outcome::Received(Vec::new()));
        }
        Answer::Blocked(BlockedOn::Bytes)
    }

    /// Puts on the wire the bytes that the window and Nagle's algorithm allow. When all bytes are on
    /// the wire, sends the FIN if one is due.
    fn flush(&mut self, index: usize) {
        let Some(peer) = self.endpoints[index].peer else { return };
        loop {
            let endpoint = &self.endpoints[index];
            let waiting = endpoint.send_queue.len();
            if waiting == 0 {
                break;
            }
            if self.endpoints[peer].closed {
                // The peer's socket is closed, so its kernel answers these bytes with a reset.
                self.reset(index);
                return;
            }
            let window = self.endpoints[peer]
                .recv_buffer_size
                .saturating_sub(self.endpoints[peer].recv_queue.len());
            let size = waiting.min(window).min(MSS);
            let small = size < MSS && !endpoint.fin_follows;
            if size == 0 || (small && !endpoint.nodelay && endpoint.unacknowledged > 0) {
                return;
            }
            self.transmit(index, peer, size);
        }
        if self.endpoints[index].fin_follows {
            self.send_fin(index, peer);
        }
    }

    fn transmit(&mut self, index: usize, peer: usize, size: usize) {
        let endpoint = &mut self.endpoints[index];
        let bytes: Vec<u8> = endpoint.send_queue.drain(..size).collect();
        endpoint.unacknowledged += size;
        endpoint.delays_acks |= std::mem::take(&mut endpoint.received_since_send);
        // These bytes carry the delayed acknowledgement.
        if endpoint.ack_at.take().is_some() {
            self.endpoints[peer].unacknowledged = 0;
        }
        let receiver = &mut self.endpoints[peer];
        receiver.recv_queue.extend(bytes);
        receiver.received_since_send = true;
        if receiver.delays_acks {
            let due = self.now + DELAYED_ACK_US;
            receiver.ack_at.get_or_insert(due);
        } else {
            self.endpoints[index].unacknowledged = 0;
        }
        // The peer has received an acknowledgement, so Nagle's algorithm may let it send.
        self.flush(peer);
    }

    /// Sends the acknowledgement now. The peer may then send what Nagle's algorithm held.
    fn acknowledge(&mut self, index: usize) {
        self.endpoints[index].ack_at = None;
        if let Some(peer) = self.endpoints[index].peer {
            self.endpoints[peer].unacknowledged = 0;
            self.flush(peer);
        }
    }

    /// Ends the sending direction: a FIN follows the bytes in `send_queue`.
    fn shutdown_write(&mut self, index: usize) {
        let endpoint = &mut self.endpoints[index];
        endpoint.fin_follows = true;
        endpoint.state = match endpoint.state {
            TcpState::Established => TcpState::FinWait1,
            TcpState::CloseWait => TcpState::LastAck,
            state @ (TcpState::Closed
            | TcpState::Listen
            | TcpState::SynSent
            | TcpState::SynReceived
            | TcpState::FinWait1
            | TcpState::FinWait2
            | TcpState::Closing
            | TcpState::LastAck
            | TcpState::TimeWait) => state,
        };
        self.flush(index);
    }

    fn send_fin(&mut self, index: usize, peer: usize) {
        let sender = &mut self.endpoints[index];
        sender.state = match sender.state {
            TcpState::FinWait1 => TcpState::FinWait2,
            TcpState::LastAck => TcpState::Closed,
            state @ (TcpState::Closed
            | TcpState::Listen
            | TcpState::SynSent
            | TcpState::SynReceived
            | TcpState::Established
            | TcpState::FinWait2
            | TcpState::CloseWait
            | TcpState::Closing
            | TcpState::TimeWait) => state,
        };
        let receiver = &mut self.endpoints[peer];
        if std::mem::replace(&mut receiver.fin_received, true) {
            return;
        }
        receiver.state = match receiver.state {
            TcpState::Established => TcpState::CloseWait,
            TcpState::FinWait1 | TcpState::FinWait2 => TcpState::TimeWait,
            state @ (TcpState::Closed
            | TcpState::Listen
            | TcpState::SynSent
            | TcpState::SynReceived
            | TcpState::CloseWait
            | TcpState::Closing
            | TcpState::LastAck
            | TcpState::TimeWait) => state,
        };
    }

    /// A reset arrives. Bytes that were not sent are dropped. Bytes that have arrived can still be
    /// read.
    fn reset(&mut self, index: usize) {
        let endpoint = &mut self.endpoints[index];
        let half_closed = endpoint.state == TcpState::CloseWait;
        endpoint.error = Some(if half_closed { Errno::BrokenPipe } else { Errno::ConnectionReset });
        endpoint.state = TcpState::Closed;
        endpoint.send_queue.clear();
        endpoint.unacknowledged = 0;
        endpoint.syn_retry = None;
    }

    fn close(&mut self, side: usize, abort: bool) {
        if side == usize::from(Side::SERVER.0) && self.sides[side].current.is_none() {
            return self.close_listener();
        }
        let Ok(index) = self.endpoint(side) else { return };
        let endpoint = &mut self.endpoints[index];
        endpoint.closed = true;
        endpoint.ack_at = None;
        // RFC 1122, section 4.2.2.13: a close with unread bytes sends a reset.
        if abort || !endpoint.recv_queue.is_empty() {
            endpoint.state = TcpState::Closed;
            endpoint.recv_queue.clear();
            endpoint.send_queue.clear();
            endpoint.syn_retry = None;
            if let Some(peer) = endpoint.peer
                && !self.endpoints[peer].closed
            {
                self.reset(peer);
            }
        } else if endpoint.state == TcpState::SynSent {
            endpoint.state = TcpState::Closed;
            endpoint.syn_retry = None;
        } else {
            self.shutdown_write(index);
        }
    }

    /// Closes the listening socket. Resets the connections that no `accept` has returned.
    fn close_listener(&mut self) {
        self.listener_closed = true;
        let queue = self.listener.take().map(|listener| listener.queue).unwrap_or_default();
        for server in queue {
            self.endpoints[server].state = TcpState::Closed;
            self.endpoints[server].closed = true;
            if let Some(client) = self.endpoints[server].peer {
                self.reset(client);
            }
        }
    }
}
