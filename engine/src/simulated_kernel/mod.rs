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

use self::endpoint::Options;
use self::wire::{Listener, Wire};
use crate::kernel::{Answer, Kernel, Outcome, Syscall};

/// The duration of a system call, in microseconds of the virtual clock.
const SYSCALL_US: u64 = 10;

/// A program's socket, and the options that its next connection gets.
#[derive(Clone, Debug, Default)]
struct Sockets {
    current: Option<usize>,
    connecting: bool,
    options: Options,
}

/// A kernel with one listener and the connections to it.
#[derive(Clone, Debug)]
pub struct SimulatedKernel {
    wire: Wire,
    listener_closed: bool,
    sides: Vec<Sockets>,
}

impl Kernel for SimulatedKernel {
    fn now(&self) -> u64 {
        self.wire.now
    }

    fn call(&mut self, side: Side, syscall: &Syscall) -> Answer {
        let side = usize::from(side.0);
        self.advance(self.wire.now + SYSCALL_US);
        let done = |()| Answer::Done(Outcome::Done);
        match syscall {
            Syscall::Listen { .. } | Syscall::Accept if side != usize::from(Side::SERVER.0) => {
                Answer::Done(Outcome::Failed(Errno::BadFile))
            }
            Syscall::Listen { backlog } => {
                if self.listener_closed {
                    return Answer::Done(Outcome::Failed(Errno::BadFile));
                }
                let (backlog, options) = (usize::from(*backlog), self.sides[side].options);
                self.wire.listener = Some(Listener { backlog, options, queue: VecDeque::new() });
                done(())
            }
            Syscall::Accept => self.accept(side),
            Syscall::Connect => self.connect(side),
            Syscall::Send(bytes) => self.send(side, bytes),
            Syscall::Recv(length) => self.recv(side, *length as usize),
            Syscall::Sleep { .. } => Answer::Blocked(BlockedOn::Clock),
            Syscall::SetNodelay(on) => {
                self.set_option(side, |options| options.nodelay = *on);
                if let Some(index) = self.sides[side].current {
                    self.wire.endpoints[index].nodelay = *on;
                    self.wire.flush(index);
                }
                done(())
            }
            Syscall::SetRecvBuffer(bytes) => {
                self.set_option(side, |options| options.recv_buffer_size = *bytes as usize);
                done(())
            }
            Syscall::SetSendBuffer(bytes) => {
                self.set_option(side, |options| options.send_buffer_size = *bytes as usize);
                done(())
            }
            Syscall::ShutdownWrite => match self.sides[side].current {
                None => Answer::Done(Outcome::Failed(Errno::NotConnected)),
                Some(index) => {
                    self.wire.shutdown_write(index);
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
                let endpoint = &self.wire.endpoints[index];
                TcpInfo {
                    state: Some(endpoint.state),
                    unread: bytes(endpoint.recv_queue.len()),
                    unacknowledged: bytes(endpoint.unacknowledged + endpoint.send_queue.len()),
                }
            }
            None if side == Side::SERVER && self.wire.listener.is_some() => {
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
        Self { wire: Wire::default(), listener_closed: false, sides }
    }

    /// When the next timer fires: for a delayed acknowledgement, or to send a SYN again. In
    /// microseconds. `None` if no timer is set.
    #[must_use]
    pub fn next_timer(&self) -> Option<u64> {
        self.wire.next_timer()
    }

    /// Moves the clock forward to `to`, in microseconds. The timers up to that time fire on the way.
    pub fn advance(&mut self, to: u64) {
        self.wire.advance(to);
    }

    /// Sets an option of the side's next connection.
    fn set_option(&mut self, side: usize, set: impl Fn(&mut Options)) {
        set(&mut self.sides[side].options);
        if let (0, Some(listener)) = (side, &mut self.wire.listener) {
            set(&mut listener.options);
        }
    }

    fn connect(&mut self, side: usize) -> Answer {
        let index = match self.sides[side].current {
            Some(index) if self.wire.endpoints[index].closed => {
                return Answer::Done(Outcome::Failed(Errno::BadFile));
            }
            Some(_) if !self.sides[side].connecting => {
                return Answer::Done(Outcome::Failed(Errno::IsConnected));
            }
            Some(index) => index,
            None if self.wire.listener.is_none() => {
                return Answer::Done(Outcome::Failed(Errno::ConnectionRefused));
            }
            None => {
                let index = self.wire.connect(self.sides[side].options);
                self.sides[side].current = Some(index);
                self.sides[side].connecting = true;
                index
            }
        };
        if let Some(error) = self.wire.endpoints[index].error.take() {
            return Answer::Done(Outcome::Failed(error));
        }
        if self.wire.endpoints[index].state == TcpState::SynSent {
            return Answer::Blocked(BlockedOn::Handshake);
        }
        self.sides[side].connecting = false;
        Answer::Done(Outcome::Done)
    }

    fn accept(&mut self, side: usize) -> Answer {
        let Some(listener) = &mut self.wire.listener else {
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
        let peer = self.wire.endpoints[index].peer;
        let side = self.sides.iter().position(|sockets| sockets.current == peer)?;
        u8::try_from(side).ok().map(Side)
    }

    /// The endpoint that a side's next call acts on.
    fn endpoint(&self, side: usize) -> Result<usize, Errno> {
        match self.sides[side].current {
            None => Err(Errno::NotConnected),
            Some(index) if self.wire.endpoints[index].closed => Err(Errno::BadFile),
            Some(index) => Ok(index),
        }
    }

    fn send(&mut self, side: usize, bytes: &[u8]) -> Answer {
        let index = match self.endpoint(side) {
            Ok(index) => index,
            Err(errno) => return Answer::Done(Outcome::Failed(errno)),
        };
        let endpoint = &mut self.wire.endpoints[index];
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
        self.wire.flush(index);
        Answer::Done(Outcome::Sent(taken))
    }

    fn recv(&mut self, side: usize, length: usize) -> Answer {
        let index = match self.endpoint(side) {
            Ok(index) => index,
            Err(errno) => return Answer::Done(Outcome::Failed(errno)),
        };
        let endpoint = &mut self.wire.endpoints[index];
        if !endpoint.recv_queue.is_empty() {
            let taken = length.min(endpoint.recv_queue.len());
            let bytes = endpoint.recv_queue.drain(..taken).collect();
            // The window has grown, so the peer may be able to send.
            if let Some(peer) = endpoint.peer {
                self.wire.flush(peer);
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
        let endpoint = &mut self.wire.endpoints[index];
        endpoint.closed = true;
        endpoint.ack_at = None;
        // RFC 1122, section 4.2.2.13: a close with unread bytes sends a reset.
        if abort || !endpoint.recv_queue.is_empty() {
            endpoint.state = TcpState::Closed;
            endpoint.recv_queue.clear();
            endpoint.send_queue.clear();
            endpoint.syn_retry = None;
            if let Some(peer) = endpoint.peer
                && !self.wire.endpoints[peer].closed
            {
                self.wire.reset(peer);
            }
        } else if endpoint.state == TcpState::SynSent {
            endpoint.state = TcpState::Closed;
            endpoint.syn_retry = None;
        } else {
            self.wire.shutdown_write(index);
        }
    }

    /// Closes the listening socket. Resets the connections that no `accept` has returned.
    fn close_listener(&mut self) {
        self.listener_closed = true;
        let queue = self.wire.listener.take().map(|listener| listener.queue).unwrap_or_default();
        for server in queue {
            self.wire.endpoints[server].state = TcpState::Closed;
            self.wire.endpoints[server].closed = true;
            if let Some(client) = self.wire.endpoints[server].peer {
                self.wire.reset(client);
            }
        }
    }
}
