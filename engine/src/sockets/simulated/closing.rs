//! `shutdown` and `close`.

use framescope_lab::TcpState;
use framescope_syscall::Shutdown;
use framescope_syscall::errno::{ECONNRESET, ENOTCONN};

use super::endpoint::{EndpointId, Phase};
use super::listening::stop;
use super::network::Network;
use super::output::{abort, end_sending, set_fin_timeout};

/// `shutdown(2)`. Linux: `inet_shutdown`.
pub(super) fn shutdown(network: &mut Network, id: EndpointId, how: Shutdown) -> Result<(), u32> {
    let (read, write) = match how {
        Shutdown::Read => (true, false),
        Shutdown::Write => (false, true),
        Shutdown::Both => (true, true),
    };
    let Some(endpoint) = network.get_mut(id) else { return Err(ENOTCONN) };
    match endpoint.state {
        TcpState::Listen => {
            // A listener that shuts down its reading can be bound and connected again.
            if read {
                stop(network, id);
                reuse(network, id);
            }
            Ok(())
        }
        TcpState::SynSent => {
            reuse(network, id);
            if let Some(endpoint) = network.get_mut(id) {
                endpoint.error = Some(ECONNRESET);
            }
            Ok(())
        }
        state @ (TcpState::Closed
        | TcpState::SynReceived
        | TcpState::Established
        | TcpState::FinWait1
        | TcpState::FinWait2
        | TcpState::CloseWait
        | TcpState::Closing
        | TcpState::LastAck
        | TcpState::TimeWait) => {
            if endpoint.phase == Phase::Connecting {
                let over = state == TcpState::Closed;
                endpoint.phase = if over { Phase::Disconnecting } else { Phase::Connected };
            }
            // Linux notes it for a socket that is not connected too, and then fails.
            endpoint.read_shut |= read;
            endpoint.write_shut |= write;
            if state == TcpState::Closed {
                return Err(ENOTCONN);
            }
            if write {
                end_sending(network, id);
            }
            Ok(())
        }
    }
}

/// Makes a socket one that was never connected.
fn reuse(network: &mut Network, id: EndpointId) {
    if let Some(endpoint) = network.get_mut(id) {
        endpoint.phase = Phase::Unconnected;
        endpoint.disconnect();
    }
}

/// `close(2)`, when the last descriptor is gone. Linux: `tcp_close`.
pub(super) fn close(network: &mut Network, id: EndpointId) {
    let Some(endpoint) = network.get_mut(id) else { return };
    endpoint.orphan = true;
    endpoint.read_shut = true;
    endpoint.write_shut = true;
    // RFC 2525, section 2.17: bytes that nobody has read are lost, and the reset says so.
    let unread = !endpoint.receiving.queue.is_empty();
    endpoint.receiving.queue.clear();
    let resets = unread || (endpoint.options.linger && endpoint.options.linger_seconds == 0);
    match endpoint.state {
        TcpState::Listen => {
            stop(network, id);
            network.done(id);
        }
        TcpState::Closed | TcpState::SynSent | TcpState::TimeWait => network.done(id),
        TcpState::SynReceived
        | TcpState::Established
        | TcpState::FinWait1
        | TcpState::FinWait2
        | TcpState::CloseWait
        | TcpState::Closing
        | TcpState::LastAck => {
            if resets {
                abort(network, id);
            } else {
                end_sending(network, id);
                set_fin_timeout(network, id);
            }
        }
    }
}
