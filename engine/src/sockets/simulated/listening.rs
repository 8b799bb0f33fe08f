//! `listen` and `accept`, and the SYN that arrives at a listener.

use framescope_lab::TcpState;
use framescope_syscall::Address;
use framescope_syscall::errno::{EADDRINUSE, EINVAL};

use super::endpoint::{Endpoint, EndpointId, Phase};
use super::limits::MAX_BACKLOG;
use super::network::Network;
use super::ports::{bind_to_any, is_in_use};
use super::wire::{end_sending, reset};

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

/// A SYN arrives at a listener. Linux accepts it if at most `backlog` connections are in the queue, so
/// the queue can hold `backlog` + 1 connections. Otherwise Linux drops the SYN.
pub(super) fn receive_syn(network: &mut Network, listener: EndpointId, client: EndpointId) {
    let Some((from, to)) = network.get(client).and_then(|one| Some((one.local, one.peer_address?)))
    else {
        return;
    };
    let Some(endpoint) = network.get(listener) else { return };
    let queue = &endpoint.accept_queue;
    if queue.waiting.len() > queue.backlog {
        return;
    }
    let mut child = Endpoint::new(endpoint.owner);
    child.phase = Phase::Connected;
    child.options = endpoint.options;
    child.read_shut = endpoint.read_shut;
    child.write_shut = endpoint.write_shut;
    child.local = to;
    child.port = Some(to.port);
    child.peer_address = Some(from);
    child.ip_bound = endpoint.ip_bound;
    let Some(child) = network.add(child) else { return };
    // The new connection takes the place of one that has ended.
    network.forget_time_wait(to, from);
    for (own, peer) in [(client, child), (child, client)] {
        if let Some(endpoint) = network.get_mut(own) {
            endpoint.establish(peer);
        }
    }
    if let Some(endpoint) = network.get_mut(listener) {
        endpoint.accept_queue.waiting.push_back(child);
    }
    // It inherits what the listener shut down before it listened.
    if network.get(child).is_some_and(|endpoint| endpoint.write_shut) {
        end_sending(network, child);
    }
}

/// Ends a listener. Resets the connections that no `accept` has returned.
pub(super) fn stop(network: &mut Network, id: EndpointId) {
    let Some(listener) = network.get_mut(id) else { return };
    for child in std::mem::take(&mut listener.accept_queue.waiting) {
        let peer = network.peer_of(child);
        let live =
            network.endpoints.remove(&child).is_some_and(|one| one.state != TcpState::Closed);
        if live && let Some(peer) = peer {
            reset(network, peer);
        }
    }
}
