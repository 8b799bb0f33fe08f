//! `connect`.

use framescope_lab::TcpState;
use framescope_syscall::errno::{
    EADDRNOTAVAIL, EALREADY, ECONNABORTED, EINPROGRESS, EINVAL, EISCONN,
};
use framescope_syscall::{Address, Wait};

use super::endpoint::{Endpoint, EndpointId, Phase};
use super::network::Network;
use super::output::send_syn;
use super::ports::{bind_to_any, connection, route};

/// Where a `connect` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Connected,
    Handshake,
}

/// `connect(2)`. With [`Wait::For`] it does what Python does for a socket with a timeout: a `connect` that
/// does not wait, `poll(2)`, and then `SO_ERROR`.
pub(super) fn connect(
    network: &mut Network,
    id: EndpointId,
    address: Address,
    wait: Wait,
) -> Result<Progress, u32> {
    let Some(endpoint) = network.get(id) else { return Ok(Progress::Handshake) };
    let mut waits = endpoint.connect_waits;
    match endpoint.phase {
        Phase::Connected => return Err(EISCONN),
        Phase::Disconnecting => return Err(EINVAL),
        Phase::Unconnected => {
            if endpoint.state != TcpState::Closed {
                return Err(EISCONN);
            }
            begin(network, id, address)?;
            if wait == Wait::Never {
                return Err(EINPROGRESS);
            }
            waits = true;
        }
        Phase::Connecting => {
            // Linux lets a blocking `connect` wait for the handshake that another one began.
            if endpoint.state == TcpState::SynSent && !waits && wait != Wait::Forever {
                return Err(EALREADY);
            }
        }
    }
    let Some(endpoint) = network.get_mut(id) else { return Ok(Progress::Handshake) };
    if endpoint.state == TcpState::SynSent {
        endpoint.connect_waits = true;
        return Ok(Progress::Handshake);
    }
    endpoint.connect_waits = false;
    if waits && matches!(wait, Wait::For(_)) {
        return endpoint.error.take().map_or(Ok(Progress::Connected), Err);
    }
    if endpoint.state == TcpState::Closed {
        let errno = endpoint.error.take().unwrap_or(ECONNABORTED);
        endpoint.phase = Phase::Unconnected;
        endpoint.disconnect();
        return Err(errno);
    }
    endpoint.phase = Phase::Connected;
    Ok(Progress::Connected)
}

/// Sends the first SYN.
fn begin(network: &mut Network, id: EndpointId, address: Address) -> Result<(), u32> {
    let Some(endpoint) = network.get(id) else { return Ok(()) };
    let (from, to) = route(endpoint.local.ip, address)?;
    let port = bind_to_any(network, id).ok_or(EADDRNOTAVAIL)?;
    let local = Address { ip: from, port };
    let earlier = connection(network, local, to);
    // For Linux, a closed socket in FIN_WAIT2 is in TIME_WAIT. The timestamps of a connection there tell its
    // segments from new ones, so a new connection takes its place.
    let over = earlier.filter(|id| network.get(*id).is_some_and(is_over));
    let initial = network.initial_number();
    let Some(endpoint) = network.get_mut(id) else { return Ok(()) };
    if earlier.is_some() && over.is_none() {
        endpoint.give_back();
        return Err(EADDRNOTAVAIL);
    }
    endpoint.local = local;
    endpoint.peer_address = Some(to);
    endpoint.phase = Phase::Connecting;
    endpoint.state = TcpState::SynSent;
    endpoint.error = None;
    endpoint.begin(initial);
    if let Some(over) = over {
        network.done(over);
    }
    network.forget_time_wait(local, to);
    send_syn(network, id, false);
    Ok(())
}

/// Whether a connection only waits for the FIN of its peer.
fn is_over(endpoint: &Endpoint) -> bool {
    endpoint.orphan && endpoint.state == TcpState::FinWait2
}
