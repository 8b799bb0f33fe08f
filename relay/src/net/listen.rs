//! Taking ports.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::TcpListener;

/// The ports that are tried if one is taken, by how much they are above it.
const ABOVE: [u16; 2] = [10, 20];

/// Listens on `address`. For port 0 the system chooses one; the address that is returned says which. If another program has
/// the port, and `may_be_above`, listens ten or twenty above it.
pub(crate) async fn listen(
    address: SocketAddr,
    may_be_above: bool,
) -> Result<(TcpListener, SocketAddr), BindError> {
    let taken = match listen_at(address).await {
        Err(error) if may_be_above && error.cause.kind() == io::ErrorKind::AddrInUse => error,
        listening => return listening,
    };
    for port in ABOVE.into_iter().filter_map(|above| address.port().checked_add(above)) {
        if let Ok(listening) = listen_at(SocketAddr::new(address.ip(), port)).await {
            return Ok(listening);
        }
    }
    Err(taken)
}

async fn listen_at(address: SocketAddr) -> Result<(TcpListener, SocketAddr), BindError> {
    let failed = |cause| BindError { address, cause };
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
#[error("cannot listen on {address}: {}", explain(cause))]
pub struct BindError {
    /// The address that was asked for.
    pub address: SocketAddr,
    /// What the system said.
    pub cause: io::Error,
}

#[allow(clippy::wildcard_enum_match_arm, reason = "the enum of std may grow")]
fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => "another program listens there already".to_owned(),
        io::ErrorKind::AddrNotAvailable => "this machine has no such address".to_owned(),
        io::ErrorKind::PermissionDenied => "ports under 1024 need more rights".to_owned(),
        _ => error.to_string(),
    }
}
