//! Connections of which a program has no descriptor, and which the kernel keeps.

use std::net::SocketAddrV4;

use framescope_lab::TcpState;

use super::{Ends, Report, Reporter};

/// What the kernel says of connections that wait for an `accept`, and of those that a program has closed, as long as it
/// keeps them.
pub(crate) fn kept_without_descriptor(
    reporter: &Reporter,
    waiting: Vec<Ends>,
    closed: impl Iterator<Item = Ends>,
) -> impl Iterator<Item = (Ends, Report)> {
    let waiting = waiting.into_iter().map(|ends| (ends, reporter.of(ends.local, Some(ends.peer))));
    let closed = closed.map(|ends| (ends, reporter.of_closed(ends)));
    let all = waiting.chain(closed);
    all.filter(|(_, report)| report.state.is_some_and(|state| state != TcpState::Closed))
}

/// The connections that wait for an `accept` of sockets that listen at these addresses: their other ends are `clients`, and
/// they are none of those that are `known` here, accepted or closed.
pub(crate) fn not_accepted(
    listens: &[SocketAddrV4],
    known: &[Ends],
    clients: impl Iterator<Item = Ends>,
) -> Vec<Ends> {
    let is_at = |local: SocketAddrV4| {
        listens.iter().any(|one| {
            one.port() == local.port() && (one.ip() == local.ip() || one.ip().is_unspecified())
        })
    };
    let waiting = clients.map(Ends::mirrored);
    waiting.filter(|ends| is_at(ends.local) && !known.contains(ends)).collect()
}
