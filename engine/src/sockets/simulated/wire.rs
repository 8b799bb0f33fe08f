//! What crosses between two sockets: segments, acknowledgements, FIN and RST.

use std::collections::VecDeque;

use framescope_lab::TcpState;
use framescope_syscall::errno::{ECONNREFUSED, ECONNRESET, EPIPE};

use super::endpoint::{Endpoint, EndpointId};
use super::limits::{DELAYED_ACK_US, FIN_TIMEOUT_US, MSS};
use super::network::Network;

/// The sockets that may be able to send more.
type Work = VecDeque<EndpointId>;

/// Puts on the wire what the window and Nagle's algorithm allow, and all that follows from it at the other
/// end. When all bytes are on the wire, sends the FIN if one is due.
pub(super) fn flush(network: &mut Network, id: EndpointId) {
    let mut work = Work::from([id]);
    while let Some(id) = work.pop_front() {
        flush_one(network, id, &mut work);
    }
}

fn flush_one(network: &mut Network, id: EndpointId, work: &mut Work) {
    loop {
        let Some(endpoint) = network.get(id) else { return };
        if !can_carry(endpoint.state) {
            return;
        }
        let waiting = endpoint.send_queue.len();
        if waiting == 0 {
            if endpoint.fin_follows {
                send_fin(network, id, work);
            }
            return;
        }
        let Some(receiver) = network.peer_of(id).and_then(|peer| network.get(peer)) else {
            // The peer's socket is gone, so its kernel answers these bytes with a reset.
            reset(network, id);
            return;
        };
        let size = waiting.min(receiver.window()).min(MSS);
        let small = size < MSS && !endpoint.fin_follows;
        if size == 0 || (small && !endpoint.options.nodelay && endpoint.unacknowledged > 0) {
            return;
        }
        transmit(network, id, size, work);
    }
}

/// Whether bytes or a FIN can be sent in a state.
const fn can_carry(state: TcpState) -> bool {
    match state {
        TcpState::Established
        | TcpState::CloseWait
        | TcpState::FinWait1
        | TcpState::Closing
        | TcpState::LastAck => true,
        TcpState::Closed
        | TcpState::Listen
        | TcpState::SynSent
        | TcpState::SynReceived
        | TcpState::FinWait2
        | TcpState::TimeWait => false,
    }
}

/// Whether bytes that arrive are refused with a reset: nobody will read them. RFC 1122, section 4.2.2.13.
/// A socket that has only shut down its reading takes them.
const fn refuses_bytes(receiver: &Endpoint) -> bool {
    match receiver.state {
        TcpState::FinWait1 | TcpState::FinWait2 => receiver.read_shut,
        TcpState::Established => false,
        TcpState::Closed
        | TcpState::Listen
        | TcpState::SynSent
        | TcpState::SynReceived
        | TcpState::CloseWait
        | TcpState::Closing
        | TcpState::LastAck
        | TcpState::TimeWait => true,
    }
}

/// Sends one segment of `size` bytes.
fn transmit(network: &mut Network, id: EndpointId, size: usize, work: &mut Work) {
    let Some(peer) = network.peer_of(id) else { return };
    if network.get(peer).is_none_or(refuses_bytes) {
        reset(network, peer);
        reset(network, id);
        return;
    }
    let due = network.now.saturating_add(DELAYED_ACK_US);
    let Some(sender) = network.get_mut(id) else { return };
    let bytes: Vec<u8> = sender.send_queue.drain(..size).collect();
    sender.unacknowledged += size;
    sender.delays_acks |= std::mem::take(&mut sender.received_since_send);
    // These bytes carry the delayed acknowledgement.
    let acknowledges = sender.ack_at.take().is_some();
    let Some(receiver) = network.get_mut(peer) else { return };
    if acknowledges {
        receiver.unacknowledged = 0;
    }
    receiver.recv_queue.extend(bytes);
    receiver.received_since_send = true;
    if receiver.delays_acks {
        receiver.ack_at.get_or_insert(due);
    } else if let Some(sender) = network.get_mut(id) {
        sender.unacknowledged = 0;
    }
    // The peer has received an acknowledgement, so Nagle's algorithm may let it send.
    work.push_back(peer);
}

/// Sends the delayed acknowledgement. The peer may then send what Nagle's algorithm held.
pub(super) fn acknowledge(network: &mut Network, id: EndpointId) {
    let Some(endpoint) = network.get_mut(id) else { return };
    endpoint.ack_at = None;
    if let Some(peer) = network.peer_of(id) {
        if let Some(endpoint) = network.get_mut(peer) {
            endpoint.unacknowledged = 0;
        }
        flush(network, peer);
    }
}

/// Ends the sending direction: a FIN follows the bytes in `send_queue`.
pub(super) fn end_sending(network: &mut Network, id: EndpointId) {
    let Some(endpoint) = network.get_mut(id) else { return };
    endpoint.state = match endpoint.state {
        TcpState::Established | TcpState::SynReceived => TcpState::FinWait1,
        TcpState::CloseWait => TcpState::LastAck,
        TcpState::Closed
        | TcpState::Listen
        | TcpState::SynSent
        | TcpState::FinWait1
        | TcpState::FinWait2
        | TcpState::Closing
        | TcpState::LastAck
        | TcpState::TimeWait => return,
    };
    endpoint.fin_follows = true;
    flush(network, id);
}

/// Sends the FIN. The peer acknowledges it at once.
fn send_fin(network: &mut Network, id: EndpointId, work: &mut Work) {
    let Some(sender) = network.get_mut(id) else { return };
    sender.fin_follows = false;
    sender.ack_at = None;
    let Some(peer) = network.peer_of(id) else {
        reset(network, id);
        return;
    };
    receive_fin(network, peer);
    work.push_back(peer);
    let Some(sender) = network.get_mut(id) else { return };
    sender.unacknowledged = 0;
    match sender.state {
        TcpState::FinWait1 => {
            sender.state = TcpState::FinWait2;
            set_fin_timeout(network, id);
        }
        TcpState::Closing => network.enter_time_wait(id),
        TcpState::LastAck => network.done(id),
        TcpState::Closed
        | TcpState::Listen
        | TcpState::SynSent
        | TcpState::SynReceived
        | TcpState::Established
        | TcpState::FinWait2
        | TcpState::CloseWait
        | TcpState::TimeWait => {}
    }
}

/// A FIN arrives, with the acknowledgement of all that its receiver has sent.
fn receive_fin(network: &mut Network, id: EndpointId) {
    let Some(receiver) = network.get_mut(id) else { return };
    receiver.unacknowledged = 0;
    receiver.state = match receiver.state {
        TcpState::Established | TcpState::SynReceived => TcpState::CloseWait,
        TcpState::FinWait1 => TcpState::Closing,
        TcpState::FinWait2 => TcpState::TimeWait,
        TcpState::Closed
        | TcpState::Listen
        | TcpState::SynSent
        | TcpState::CloseWait
        | TcpState::Closing
        | TcpState::LastAck
        | TcpState::TimeWait => return,
    };
    receiver.fin_received = true;
    receiver.read_shut = true;
    if receiver.state == TcpState::TimeWait {
        network.enter_time_wait(id);
    }
}

/// Sets when an orphan in `FIN_WAIT2` is forgotten.
pub(super) fn set_fin_timeout(network: &mut Network, id: EndpointId) {
    let at = network.now.saturating_add(FIN_TIMEOUT_US);
    if let Some(endpoint) = network.get_mut(id)
        && endpoint.orphan
        && endpoint.state == TcpState::FinWait2
    {
        endpoint.forget_at = Some(at);
    }
}

/// A reset arrives. Bytes that were not sent are dropped. Bytes that have arrived can still be read.
pub(super) fn reset(network: &mut Network, id: EndpointId) {
    let Some(endpoint) = network.get_mut(id) else { return };
    endpoint.error = Some(match endpoint.state {
        TcpState::Closed | TcpState::Listen | TcpState::TimeWait => return,
        TcpState::SynSent => ECONNREFUSED,
        TcpState::CloseWait => EPIPE,
        TcpState::SynReceived
        | TcpState::Established
        | TcpState::FinWait1
        | TcpState::FinWait2
        | TcpState::Closing
        | TcpState::LastAck => ECONNRESET,
    });
    network.done(id);
}

/// Ends a connection without a FIN: the peer gets a reset.
pub(super) fn abort(network: &mut Network, id: EndpointId) {
    let peer = network.peer_of(id);
    network.done(id);
    if let Some(peer) = peer {
        reset(network, peer);
    }
}
