//! What crosses between two endpoints: the handshake, segments, acknowledgements, FIN and RST.

use std::collections::VecDeque;

use framescope_lab::{Errno, TcpState};

use super::endpoint::{Endpoint, Options};

/// The largest segment on the loopback interface of Linux, in bytes.
const MSS: usize = 65_483;
/// How long Linux delays an acknowledgement that a reply might carry, in microseconds.
const DELAYED_ACK_US: u64 = 40_000;

/// The wait before an unanswered SYN is sent again, in microseconds. It doubles each time: 1, 2, 4 ...
/// seconds.
const FIRST_SYN_RETRY_US: u64 = 1_000_000;

#[derive(Clone, Debug)]
pub(super) struct Listener {
    pub(super) backlog: usize,
    /// The options of the connections that it accepts.
    pub(super) options: Options,
    /// The server's endpoints of the established connections that no `accept` has returned.
    pub(super) queue: VecDeque<usize>,
}

/// The listener, every endpoint, and the virtual clock, in microseconds.
#[derive(Clone, Debug, Default)]
pub(super) struct Wire {
    pub(super) now: u64,
    pub(super) listener: Option<Listener>,
    pub(super) endpoints: Vec<Endpoint>,
}

impl Wire {
    /// When the next timer fires: for a delayed acknowledgement, or to send a SYN again. In
    /// microseconds. `None` if no timer is set.
    pub(super) fn next_timer(&self) -> Option<u64> {
        let acks = self.endpoints.iter().filter_map(|endpoint| endpoint.ack_at);
        let retries = self.endpoints.iter().filter_map(|endpoint| endpoint.syn_retry);
        acks.chain(retries.map(|(at, _)| at)).min()
    }

    /// Moves the clock forward to `to`, in microseconds. The timers up to that time fire on the way.
    pub(super) fn advance(&mut self, to: u64) {
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

    /// Adds a client's endpoint, and sends its SYN. Returns its index.
    pub(super) fn connect(&mut self, options: Options) -> usize {
        let client = self.new_endpoint(options);
        let wait = FIRST_SYN_RETRY_US;
        self.endpoints[client].syn_retry = Some((self.now + wait, wait));
        self.handshake(client);
        client
    }

    fn new_endpoint(&mut self, options: Options) -> usize {
        self.endpoints.push(Endpoint::new(options));
        self.endpoints.len() - 1
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
        let server = self.new_endpoint(listener.options);
        for (own, peer) in [(client, server), (server, client)] {
            self.endpoints[own].peer = Some(peer);
            self.endpoints[own].state = TcpState::Established;
            self.endpoints[own].syn_retry = None;
        }
        if let Some(listener) = &mut self.listener {
            listener.queue.push_back(server);
        }
    }

    /// Puts on the wire the bytes that the window and Nagle's algorithm allow. When all bytes are on
    /// the wire, sends the FIN if one is due.
    pub(super) fn flush(&mut self, index: usize) {
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
    pub(super) fn shutdown_write(&mut self, index: usize) {
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
    pub(super) fn reset(&mut self, index: usize) {
        let endpoint = &mut self.endpoints[index];
        let half_closed = endpoint.state == TcpState::CloseWait;
        endpoint.error = Some(if half_closed { Errno::BrokenPipe } else { Errno::ConnectionReset });
        endpoint.state = TcpState::Closed;
        endpoint.send_queue.clear();
        endpoint.unacknowledged = 0;
        endpoint.syn_retry = None;
    }
}
