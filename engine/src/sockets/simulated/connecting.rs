//! `connect`, and the SYN that is sent again.

use framescope_lab::TcpState;
use framescope_syscall::errno::{
    EADDRNOTAVAIL, EALREADY, ECONNABORTED, EINPROGRESS, EINVAL, EISCONN, ETIMEDOUT,
};
use framescope_syscall::{Address, Wait};

use super::endpoint::{Endpoint, EndpointId, Phase, SynRetry};
use super::limits::{FIRST_SYN_RETRY_US, SYN_RETRIES};
use super::listening::receive_syn;
use super::network::Network;
use super::ports::{bind_to_any, connection, listener_at, route};
use super::wire::{end_sending, reset};

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
    let at = network.now.saturating_add(FIRST_SYN_RETRY_US);
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
    endpoint.fin_received = false;
    endpoint.syn_retry = Some(SynRetry { at, wait: FIRST_SYN_RETRY_US, count: 0 });
    if let Some(over) = over {
        network.done(over);
    }
    network.forget_time_wait(local, to);
    send_syn(network, id);
    Ok(())
}

/// The SYN arrives at the other end. It is answered at once, or dropped.
fn send_syn(network: &mut Network, id: EndpointId) {
    let Some(endpoint) = network.get_mut(id) else { return };
    let Some(to) = endpoint.peer_address else { return };
    if endpoint.local == to {
        // A socket that connects to its own address is both ends: RFC 9293, section 3.5, figure 8.
        endpoint.establish(id);
        if endpoint.write_shut {
            end_sending(network, id);
        }
        return;
    }
    let from = endpoint.local;
    if let Some(stale) = connection(network, to, from) {
        // The other end of an earlier connection answers with an acknowledgement that makes no sense here, and gets a
        // reset for it (RFC 9293, section 3.10.7.3). The SYN has to be sent again.
        reset(network, stale);
    } else if let Some(listener) = listener_at(network, to, from.port) {
        receive_syn(network, listener, id);
    } else if !network.forget_time_wait(to, from) {
        reset(network, id);
    }
}

/// Whether a connection only waits for the FIN of its peer.
fn is_over(endpoint: &Endpoint) -> bool {
    endpoint.orphan && endpoint.state == TcpState::FinWait2
}

/// Sends a SYN again, or gives up.
pub(super) fn retry(network: &mut Network, id: EndpointId) {
    let Some(endpoint) = network.get_mut(id) else { return };
    let Some(SynRetry { at, wait, count }) = endpoint.syn_retry else { return };
    if count == SYN_RETRIES {
        endpoint.error = Some(ETIMEDOUT);
        network.done(id);
        return;
    }
    endpoint.syn_retry =
        Some(SynRetry { at: at.saturating_add(2 * wait), wait: 2 * wait, count: count + 1 });
    send_syn(network, id);
}
