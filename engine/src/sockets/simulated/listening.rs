//! `listen` and `accept`, and the SYN that arrives at a listener.

use framescope_lab::TcpState;
use framescope_syscall::Address;
use framescope_syscall::errno::{EADDRINUSE, EINVAL};

use super::endpoint::{Endpoint, EndpointId, Phase};
use super::limits::MAX_BACKLOG;
use super::network::Network;
use super::output::{abort, send_syn};
use super::ports::{bind_to_any, is_in_use};
use super::segment::Packet;

/// `listen(2)`. A second `listen` only changes the backlog.
pub(super) fn listen(network: &mut Network, id: EndpointId, backlog: i32) -> Result<(), u32> {
    // A negative number is a large unsigned one.
    let backlog = usize::try_from(backlog).unwrap_or(MAX_BACKLOG).min(MAX_BACKLOG);
    let Some(endpoint) = network.get_mut(id) else { return Ok(()) };
    if endpoint.phase != Phase::Unconnected {
        return Err(EINVAL);
    }
    match endpoint.state {
        TcpState::Listen => {
            endpoint.accept_queue.backlog = backlog;
            return Ok(());
        }
        TcpState::Closed => {}
        TcpState::SynSent
        | TcpState::SynReceived
        | TcpState::Established
        | TcpState::FinWait1
        | TcpState::FinWait2
        | TcpState::CloseWait
        | TcpState::Closing
        | TcpState::LastAck
        | TcpState::TimeWait => return Err(EINVAL),
    }
    let port = bind_to_any(network, id).ok_or(EADDRINUSE)?;
    let Some(ip) = network.get(id).map(|endpoint| endpoint.local.ip) else { return Ok(()) };
    // Sockets with SO_REUSEADDR may share a port, but only one of them may listen.
    if is_in_use(network, id, Address { ip, port }) {
        return Err(EADDRINUSE);
    }
    if let Some(endpoint) = network.get_mut(id) {
        endpoint.state = TcpState::Listen;
        endpoint.accept_queue.backlog = backlog;
    }
    Ok(())
}

/// Takes the oldest connection from the accept queue. `None` if it is empty.
pub(super) fn accept(network: &mut Network, id: EndpointId) -> Result<Option<EndpointId>, u32> {
    let Some(listener) = network.get_mut(id) else { return Ok(None) };
    if listener.state != TcpState::Listen {
        return Err(EINVAL);
    }
    Ok(listener.accept_queue.waiting.pop_front())
}

/// A SYN arrives at a listener. Linux takes it if at most `backlog` connections are in the queue, so the queue can hold
/// `backlog` + 1 connections. Otherwise Linux drops the SYN.
pub(super) fn receive_syn(network: &mut Network, id: EndpointId, packet: &Packet) {
    let Some(listener) = network.get(id) else { return };
    if listener.accept_queue.is_full() {
        return;
    }
    let mut child = Endpoint::new(listener.owner);
    // Nobody has it before it is in the queue.
    child.orphan = true;
    child.listener = Some(id);
    child.phase = Phase::Connected;
    child.state = TcpState::SynReceived;
    child.options = listener.options;
    child.read_shut = listener.read_shut;
    child.write_shut = listener.write_shut;
    child.local = packet.to;
    child.port = Some(packet.to.port);
    child.peer_address = Some(packet.from);
    child.ip_bound = listener.ip_bound;
    let initial = network.initial_number();
    child.begin(initial);
    child.take_syn(packet);
    if let Some(child) = network.add(child) {
        send_syn(network, child, false);
    }
}

/// The handshake of a connection is over: the accept queue gets it. Returns whether the queue had space. If it had none,
/// the client believes that it is connected, and this end sends its SYN again.
pub(super) fn join_queue(network: &mut Network, listener: EndpointId, child: EndpointId) -> bool {
    let Some(queue) = network.get_mut(listener).map(|one| &mut one.accept_queue) else {
        return false;
    };
    if queue.is_full() {
        return false;
    }
    queue.waiting.push_back(child);
    if let Some(child) = network.get_mut(child) {
        child.orphan = false;
        child.listener = None;
    }
    true
}

/// Ends a listener. Resets the connections that no `accept` has returned, and forgets those that have only begun.
pub(super) fn stop(network: &mut Network, id: EndpointId) {
    let Some(listener) = network.get_mut(id) else { return };
    for child in std::mem::take(&mut listener.accept_queue.waiting) {
        abort(network, child);
        network.endpoints.remove(&child);
    }
    network.endpoints.retain(|_, one| one.listener != Some(id));
}
