//! Taking ports.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::TcpListener;

/// The ports that are tried if one is taken, by how much they are above it.
const ABOVE: [u16; 2] = [10, 20];

/// The addresses at which the relay may listen instead, if nobody has chosen `address` and its port is taken.
pub fn alternatives(address: SocketAddr) -> impl Iterator<Item = SocketAddr> {
    let ports = ABOVE.into_iter().filter_map(move |above| address.port().checked_add(above));
    ports.map(move |port| SocketAddr::new(address.ip(), port))
}

/// Listens on `address`. For port 0 the system chooses one; the address that is returned says which. If another program has
/// the port, and `may_be_above`, listens ten or twenty above it.
pub(crate) async fn listen(
    address: SocketAddr,
    may_be_above: bool,
) -> Result<(TcpListener, SocketAddr), BindError> {
    let taken = match listen_at(address).await {
        // Windows refuses the ports that it has reserved for others.
        Err(error)
            if may_be_above
                && matches!(
                    error.cause.kind(),
                    io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied
                ) =>
        {
            error
        }
        listening => return listening,
    };
    for other in alternatives(address) {
        if let Ok(listening) = listen_at(other).await {
            return Ok(listening);
        }
    }
    Err(BindError { others: alternatives(address).map(|other| other.port()).collect(), ..taken })
}

async fn listen_at(address: SocketAddr) -> Result<(TcpListener, SocketAddr), BindError> {
    let failed = |cause| BindError { address, others: Vec::new(), cause };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// The address at which a client on this machine reaches a server that listens on `address`. A server on
/// every interface is reached over loopback.
#[must_use]
pub fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

/// A port is not available.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}{}: {}", at(others), explain(cause, *address))]
pub struct BindError {
    /// The address that was asked for.
    pub address: SocketAddr,
    /// The other ports that were tried.
    pub others: Vec<u16>,
    /// What the system said.
    pub cause: io::Error,
}

/// The other ports, as a part of a sentence.
fn at(others: &[u16]) -> String {
    others.iter().flat_map(|port| [" or ".to_owned(), port.to_string()]).collect()
}

#[allow(clippy::wildcard_enum_match_arm, reason = "the enum of std may grow")]
fn explain(error: &io::Error, address: SocketAddr) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => "another program listens there already".to_owned(),
        io::ErrorKind::AddrNotAvailable => "this machine has no such address".to_owned(),
        io::ErrorKind::PermissionDenied if (1..1024).contains(&address.port()) => {
            "ports under 1024 need more rights".to_owned()
        }
        _ => error.to_string(),
    }
}
