//! The timers, and the way of the clock from one to the next.

use super::connecting::retry;
use super::endpoint::EndpointId;
use super::network::Network;
use super::wire::acknowledge;

/// When the next timer fires that could let a program go on: for a delayed acknowledgement, or to send a
/// SYN again. In microseconds. `None` if no timer is set.
pub(super) fn next_timer(network: &Network) -> Option<u64> {
    let endpoints = network.endpoints.values();
    let timers = endpoints.flat_map(|one| [one.ack_at, one.syn_retry.map(|retry| retry.at)]);
    timers.flatten().min()
}

/// Moves the clock forward to `to`, in microseconds. The timers up to that time fire on the way.
pub(super) fn advance(network: &mut Network, to: u64) {
    while let Some(at) = next_timer(network).filter(|at| *at <= to) {
        network.now = network.now.max(at);
        network.forget_old();
        let due: Vec<EndpointId> = network.endpoints.keys().copied().collect();
        for id in due {
            let Some(endpoint) = network.get(id) else { continue };
            let retries = endpoint.syn_retry.is_some_and(|retry| retry.at <= network.now);
            if endpoint.ack_at.is_some_and(|at| at <= network.now) {
                acknowledge(network, id);
            }
            if retries {
                retry(network, id);
            }
        }
    }
    network.now = network.now.max(to);
    network.forget_old();
}
