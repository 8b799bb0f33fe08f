//! The simulated kernel: what TCP does between two sockets on one machine, on a virtual clock.
//!
//! The screen calls its traces *simulated*. It has only what the lessons need: byte queues with
//! bounds, a backlog, the states of RFC 9293, Nagle's algorithm (section 3.7.4) and delayed
//! acknowledgements (RFC 1122, section 4.2.3.2). Its wire loses and reorders nothing, and bytes arrive
//! at once.
//!
//! In go the system calls of programs, and the time; out come their results, and what is known of each
//! socket. `wire.rs` has what crosses between two endpoints.
//!
//! May use: `kernel`.

mod endpoint;
mod wire;

use std::collections::VecDeque;

use framescope_lab::{BlockedOn, Errno, Side, TcpInfo, TcpState};

use self::endpoint::{Endpoint, RECV_BUFFER_SIZE, SEND_BUFFER_SIZE};
use crate::kernel::{Answer, Kernel, Outcome, Syscall};

/// The duration of a system call, in microseconds of the virtual clock.
const SYSCALL_US: u64 = 10;
/// The wait before an unanswered SYN is sent again, in microseconds. It doubles each time: 1, 2, 4 ...
/// seconds.
const FIRST_SYN_RETRY_US: u64 = 1_000_000;

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

    /// Adds an endpoint; returns its index.
    fn new_endpoint(&mut self, side: usize) -> usize {
        let sockets = &self.sides[side];
        let recv_buffer_size = sockets.recv_buffer_size.unwrap_or(RECV_BUFFER_SIZE);
        let send_buffer_size = sockets.send_buffer_size.unwrap_or(SEND_BUFFER_SIZE);
        self.endpoints.push(Endpoint::new(recv_buffer_size, send_buffer_size, sockets.nodelay));
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
