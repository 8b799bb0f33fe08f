//! Addresses: `bind`, the ports that the kernel chooses, and who listens where.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use framescope_lab::TcpState;
use framescope_syscall::Address;
use framescope_syscall::errno::{EACCES, EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENETUNREACH};

use super::endpoint::EndpointId;
use super::limits::{EPHEMERAL_PORTS, FIRST_UNPRIVILEGED_PORT};
use super::network::Network;

/// The broadcast address of the loopback interface. Sockets bind to it, and none connects to it.
const LOOPBACK_BROADCAST: Ipv4Addr = Ipv4Addr::new(127, 255, 255, 255);

/// `bind(2)`.
pub(super) fn bind(network: &mut Network, id: EndpointId, address: Address) -> Result<(), u32> {
    let Address { ip, port } = address;
    let bindable =
        ip.is_unspecified() || ip.is_loopback() || ip.is_broadcast() || ip.is_multicast();
    if !bindable {
        return Err(EADDRNOTAVAIL);
    }
    if port != 0 && port < FIRST_UNPRIVILEGED_PORT {
        return Err(EACCES);
    }
    let Some(endpoint) = network.get(id) else { return Ok(()) };
    if endpoint.state != TcpState::Closed || endpoint.port.is_some() {
        return Err(EINVAL);
    }
    let chosen = if port == 0 { free_port(network).ok_or(EADDRINUSE)? } else { port };
    let conflict = is_in_use(network, id, Address { ip, port: chosen });
    let Some(endpoint) = network.get_mut(id) else { return Ok(()) };
    if conflict {
        // Linux has written the host and takes it back, but leaves the port of an earlier connection.
        endpoint.local.ip = Ipv4Addr::UNSPECIFIED;
        return Err(EADDRINUSE);
    }
    endpoint.local = Address { ip, port: chosen };
    endpoint.port = Some(chosen);
    endpoint.ip_bound |= !ip.is_unspecified();
    endpoint.port_bound |= port != 0;
    endpoint.peer_address = None;
    Ok(())
}

/// Gives a socket a port, if it has none.
pub(super) fn bind_to_any(network: &mut Network, id: EndpointId) -> Option<u16> {
    if let Some(port) = network.get(id)?.port {
        return Some(port);
    }
    let port = free_port(network)?;
    let endpoint = network.get_mut(id)?;
    endpoint.port = Some(port);
    endpoint.local.port = port;
    Some(port)
}

/// Whether another socket keeps `address` from this one. Linux: `inet_bind_conflict`.
pub(super) fn is_in_use(network: &Network, id: EndpointId, address: Address) -> bool {
    let Some(own) = network.get(id).map(|endpoint| endpoint.options) else { return false };
    let overlaps = |other: Ipv4Addr| {
        other == address.ip || other.is_unspecified() || address.ip.is_unspecified()
    };
    let sockets = network.endpoints.iter().any(|(other, endpoint)| {
        let both_reuse = own.reuse_address && endpoint.options.reuse_address;
        let both_share = own.reuse_port && endpoint.options.reuse_port;
        *other != id
            && endpoint.port == Some(address.port)
            && overlaps(endpoint.local.ip)
            && !(both_reuse && endpoint.state != TcpState::Listen)
            && !both_share
    });
    sockets
        || network.time_waits.iter().any(|one| {
            let both_reuse = own.reuse_address && one.options.reuse_address;
            let both_share = own.reuse_port && one.options.reuse_port;
            one.local.port == address.port && overlaps(one.local.ip) && !both_reuse && !both_share
        })
}

/// The address that `connect` really connects to, and the host that it connects from.
pub(super) fn route(bound: Ipv4Addr, to: Address) -> Result<(Ipv4Addr, Address), u32> {
    let is_host = |ip: Ipv4Addr| ip.is_loopback() && ip != LOOPBACK_BROADCAST;
    let from = if is_host(bound) { bound } else { Ipv4Addr::LOCALHOST };
    // The unspecified address is this machine.
    let ip = if to.ip.is_unspecified() { from } else { to.ip };
    if is_host(ip) { Ok((from, Address { ip, ..to })) } else { Err(ENETUNREACH) }
}

/// The socket that has a connection between two addresses. One in `TIME_WAIT` is not among them.
pub(super) fn connection(network: &Network, local: Address, peer: Address) -> Option<EndpointId> {
    let mut all = network.endpoints.iter();
    let found = all.find(|(_, one)| {
        one.state != TcpState::Closed && one.local == local && one.peer_address == Some(peer)
    });
    found.map(|(id, _)| *id)
}

/// The socket that listens at an address. Sockets that share a port (`SO_REUSEPORT`) take turns by the
/// client's port.
pub(super) fn listener_at(network: &Network, address: Address, client: u16) -> Option<EndpointId> {
    let listening_on = |ip: Ipv4Addr| -> Vec<EndpointId> {
        let all = network.endpoints.iter();
        all.filter(|(_, one)| {
            one.state == TcpState::Listen && one.port == Some(address.port) && one.local.ip == ip
        })
        .map(|(id, _)| *id)
        .collect()
    };
    // The exact host comes before any host.
    [address.ip, Ipv4Addr::UNSPECIFIED]
        .into_iter()
        .map(listening_on)
        .find(|found| !found.is_empty())
        .and_then(|found| found.get(usize::from(client) % found.len()).copied())
}

/// A port that no socket uses, the next one after the port that was chosen last.
fn free_port(network: &mut Network) -> Option<u16> {
    let (first, last) = EPHEMERAL_PORTS.into_inner();
    let after = network.next_port.clamp(first, last);
    let ended = network.time_waits.iter().map(|one| one.local.port);
    let used: BTreeSet<u16> =
        network.endpoints.values().filter_map(|one| one.port).chain(ended).collect();
    let port = (after..=last).chain(first..after).find(|port| !used.contains(port))?;
    network.next_port = if port == last { first } else { port + 1 };
    Some(port)
}
