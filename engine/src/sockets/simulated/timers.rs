//! The timers, and the way of the clock from one to the next.

use framescope_lab::TcpState;
use framescope_syscall::errno::ETIMEDOUT;

use super::endpoint::{Endpoint, EndpointId};
use super::limits::{MAX_RTO_US, ORPHAN_RETRIES, RETRIES, SYN_ACK_RETRIES, SYN_RETRIES};
use super::network::Network;
use super::output::{acknowledge, flush, probe_tail, probe_window, repeat, send_syn};
use super::sending::{Purpose, Timer};

/// When the next timer of TCP fires, in microseconds. `None` if none is set.
pub(super) fn next_timer(network: &Network) -> Option<u64> {
    let endpoints = network.endpoints.values();
    let timers =
        endpoints.flat_map(|one| [one.receiving.acks.at, one.sending.timer.map(|timer| timer.at)]);
    timers.flatten().min()
}

/// Moves the clock forward to `to`, in microseconds. The timers up to that time fire on the way.
pub(super) fn advance(network: &mut Network, to: u64) {
    while let Some(at) = next_timer(network).filter(|at| *at <= to) {
        network.now = network.now.max(at);
        network.forget_old();
        let all: Vec<EndpointId> = network.endpoints.keys().copied().collect();
        for id in all {
            acknowledge_late(network, id);
            fire(network, id);
        }
    }
    network.now = network.now.max(to);
    network.forget_old();
}

/// Sends an acknowledgement whose delay is over.
fn acknowledge_late(network: &mut Network, id: EndpointId) {
    let now = network.now;
    let Some(endpoint) = network.get_mut(id) else { return };
    let acks = &mut endpoint.receiving.acks;
    if acks.at.is_some_and(|at| at <= now) {
        acks.expire();
        acknowledge(network, id);
    }
}

fn fire(network: &mut Network, id: EndpointId) {
    let now = network.now;
    let Some(endpoint) = network.get_mut(id) else { return };
    let Some(Timer { purpose, .. }) = endpoint.sending.timer.take_if(|timer| timer.at <= now)
    else {
        return;
    };
    match purpose {
        Purpose::ProbeTail => probe_tail(network, id),
        Purpose::GiveUpLate => {
            endpoint.sending.find_lost(now);
            endpoint.sending.reduce_by(1, false);
            endpoint.sending.rearm(now, false);
            flush(network, id);
        }
        Purpose::Repeat if endpoint.sending.expired < most_retries(endpoint) => {
            repeat_oldest(network, id);
        }
        Purpose::ProbeWindow if goes_on_probing(endpoint) => probe_window(network, id),
        Purpose::Repeat | Purpose::ProbeWindow => {
            endpoint.error = Some(ETIMEDOUT);
            network.done(id);
        }
    }
}

/// How often an end sends again what is not acknowledged.
const fn most_retries(endpoint: &Endpoint) -> u32 {
    let most = retries(endpoint.state);
    if endpoint.orphan && most > ORPHAN_RETRIES { ORPHAN_RETRIES } else { most }
}

/// Whether the window is probed once more. A peer that answers is probed for ever, unless the program has closed the socket
/// and the time between two probes is as long as it gets. Linux: `tcp_probe_timer`.
fn goes_on_probing(endpoint: &Endpoint) -> bool {
    let (sending, most) = (&endpoint.sending, most_retries(endpoint));
    let is_slow = endpoint.orphan && sending.timeout() >= MAX_RTO_US;
    sending.unanswered < most && !(is_slow && sending.expired >= most)
}

/// How often something is sent again in a state.
const fn retries(state: TcpState) -> u32 {
    match state {
        TcpState::SynSent => SYN_RETRIES,
        TcpState::SynReceived => SYN_ACK_RETRIES,
        TcpState::Closed
        | TcpState::Listen
        | TcpState::Established
        | TcpState::FinWait1
        | TcpState::FinWait2
        | TcpState::CloseWait
        | TcpState::Closing
        | TcpState::LastAck
        | TcpState::TimeWait => RETRIES,
    }
}

/// The oldest segment was not acknowledged in time. Linux: `tcp_retransmit_timer`.
fn repeat_oldest(network: &mut Network, id: EndpointId) {
    let now = network.now;
    let Some(endpoint) = network.get_mut(id) else { return };
    endpoint.sending.expired += 1;
    if matches!(endpoint.state, TcpState::SynSent | TcpState::SynReceived) {
        send_syn(network, id, true);
        if let Some(endpoint) = network.get_mut(id) {
            endpoint.sending.rearm(now, true);
        }
        return;
    }
    endpoint.sending.lose_all();
    if let Some(oldest) = endpoint.sending.next_lost() {
        repeat(network, id, oldest);
    }
}
