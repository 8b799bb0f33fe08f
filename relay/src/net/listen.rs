//! Taking ports, and Unix sockets.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
#[cfg(unix)]
use std::path::Path;

use socket2::{Domain, Socket, Type};
use tokio::net::TcpListener;

use super::inherited::Inherited;
use super::listen_on::ListenOn;
use super::listener::Listener;
use super::places::is_v6_only;
#[cfg(unix)]
use super::socket_file::SocketFile;

/// Listens on an address, or takes over the listener of this place.
pub(crate) async fn listen_at(
    place: &str,
    address: SocketAddr,
    may_be_above: bool,
    inherited: &mut Inherited,
) -> Result<(Listener, SocketAddr), BindError> {
    let taken_over = inherited.take(place).unwrap_or_default().pop();
    if let Some(listener) = taken_over
        && let Some(address) = listener.tcp_address()
    {
        return Ok((listener, address));
    }
    let (listener, address) = listen(address, may_be_above).await?;
    Ok((Listener::Tcp(listener), address))
}

/// Listens on all of these, or takes over what the process before this one has handed on. Each has its place
/// with it.
pub(crate) async fn listen_on(
    asked: &[ListenOn],
    may_be_above: bool,
    inherited: &mut Inherited,
) -> Result<Vec<(String, Listener)>, BindError> {
    let mut listeners = Vec::new();
    for place in asked {
        let v6_only = place.tcp().filter(|address| is_v6_only(*address, asked));
        // A socket for IPv6 only is no other's place.
        let name = format!("{place}{}", if v6_only.is_some() { " for IPv6 only" } else { "" });
        let failed =
            |cause| BindError { place: name.clone(), others: Vec::new(), cause, port: None };
        let taken_over = inherited.take(&name).map_err(failed)?;
        if !taken_over.is_empty() && has_file(place) {
            for listener in taken_over {
                listeners.push((name.clone(), with_its_file(listener, place).map_err(failed)?));
            }
            continue;
        }
        match place {
            ListenOn::Tcp(address) => {
                let listener = match v6_only {
                    Some(address) => listen_v6_only(address).map_err(failed)?,
                    None => listen(*address, may_be_above).await?.0,
                };
                listeners.push((name, Listener::Tcp(listener)));
            }
            #[cfg(unix)]
            ListenOn::Unix { path, mode } => {
                let (listener, file) = SocketFile::listen(path, *mode).map_err(failed)?;
                listeners.push((name, Listener::Unix { listener, file: Some(file) }));
            }
            #[cfg(unix)]
            ListenOn::Systemd => {
                let none = "systemd has handed over no sockets; framescope.socket lists them";
                return Err(failed(io::Error::other(none)));
            }
        }
    }
    Ok(listeners)
}

/// The files of the Unix sockets that nobody has taken over.
#[cfg(unix)]
pub(crate) fn left_over(inherited: Inherited) -> Vec<SocketFile> {
    let places = inherited.places().into_iter().filter_map(|place| place.parse().ok());
    let paths = places.filter_map(|place: ListenOn| place.unix().map(Path::to_owned));
    // A file that is gone needs not be removed.
    paths.filter_map(|path| SocketFile::taken_over(&path, None).ok()).collect()
}

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
    let taken = match try_listen(address).await {
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
        if let Ok(listening) = try_listen(other).await {
            return Ok(listening);
        }
    }
    Err(BindError { others: alternatives(address).map(|other| other.port()).collect(), ..taken })
}

/// How many connections may wait to be accepted, as tokio has it.
const BACKLOG: i32 = 1024;

fn listen_v6_only(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::IPV6, Type::STREAM, None)?;
    socket.set_only_v6(true)?;
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Whether somebody may still come to a listener that was taken over. Without its file nobody finds a Unix socket.
fn has_file(place: &ListenOn) -> bool {
    #[cfg(unix)]
    if let ListenOn::Unix { path, .. } = place {
        return path.symlink_metadata().is_ok();
    }
    let _ = place;
    true
}

/// A listener that was taken over, with the file of its Unix socket.
fn with_its_file(listener: Listener, place: &ListenOn) -> io::Result<Listener> {
    #[cfg(unix)]
    if let ListenOn::Unix { path, mode } = place {
        return listener.with_file(SocketFile::taken_over(path, *mode)?);
    }
    let _ = place;
    Ok(listener)
}

async fn try_listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), BindError> {
    let failed = |cause| BindError {
        place: address.to_string(),
        others: Vec::new(),
        cause,
        port: Some(address.port()),
    };
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

/// A port or a socket is not available.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {place}{}: {}", at(others), explain(cause, *port))]
pub struct BindError {
    /// What was asked for.
    pub place: String,
    /// The other ports that were tried.
    pub others: Vec<u16>,
    /// What the system said.
    pub cause: io::Error,
    port: Option<u16>,
}

/// The other ports, as a part of a sentence.
fn at(others: &[u16]) -> String {
    others.iter().flat_map(|port| [" or ".to_owned(), port.to_string()]).collect()
}

#[allow(clippy::wildcard_enum_match_arm, reason = "the enum of std may grow")]
fn explain(error: &io::Error, port: Option<u16>) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => "another program listens there already".to_owned(),
        io::ErrorKind::AddrNotAvailable => "this machine has no such address".to_owned(),
        io::ErrorKind::PermissionDenied if port.is_some_and(|port| (1..1024).contains(&port)) => {
            "ports under 1024 need more rights".to_owned()
        }
        _ => error.to_string(),
    }
}
