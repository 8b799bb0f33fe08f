//! Taking ports, and Unix sockets.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
#[cfg(unix)]
use std::path::{Path, PathBuf};
use std::str::FromStr;

use tokio::net::TcpListener;

use super::inherited::Inherited;
use super::listener::Listener;
#[cfg(unix)]
use super::socket_file::SocketFile;

/// Where the page and the WebSockets are served.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListenOn {
    /// An IP address and a port.
    Tcp(SocketAddr),
    /// A Unix socket, unix(7), written `unix:/PATH` or `unix:/PATH,mode=660`. It has no TLS.
    #[cfg(unix)]
    Unix {
        /// Its file, which is made, and removed at the end.
        path: PathBuf,
        /// Who may connect, as chmod(2) takes it. `None`: the umask decides.
        mode: Option<u32>,
    },
    /// All sockets that systemd has opened, `systemd.socket`(5), written `fd:systemd`.
    #[cfg(unix)]
    Systemd,
}

impl ListenOn {
    /// The address, if it is one.
    #[must_use]
    pub const fn tcp(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(address) => Some(*address),
            #[cfg(unix)]
            Self::Unix { .. } | Self::Systemd => None,
        }
    }

    /// The file of the Unix socket, if it is one.
    #[cfg(unix)]
    #[must_use]
    pub fn unix(&self) -> Option<&Path> {
        match self {
            Self::Unix { path, .. } => Some(path),
            Self::Tcp(_) | Self::Systemd => None,
        }
    }
}

impl From<SocketAddr> for ListenOn {
    fn from(address: SocketAddr) -> Self {
        Self::Tcp(address)
    }
}

impl fmt::Display for ListenOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            #[cfg(unix)]
            Self::Unix { path, .. } => write!(f, "unix:{}", path.display()),
            #[cfg(unix)]
            Self::Systemd => f.write_str("fd:systemd"),
        }
    }
}

impl FromStr for ListenOn {
    type Err = ParseListenOnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        #[cfg(unix)]
        {
            if text == "fd:systemd" {
                return Ok(Self::Systemd);
            }
            if let Some(path) = text.strip_prefix("unix:") {
                let (path, mode) = match path.rsplit_once(",mode=") {
                    Some((path, mode)) => {
                        let mode = u32::from_str_radix(mode, 8).ok().filter(|mode| *mode <= 0o777);
                        (path, Some(mode.ok_or(ParseListenOnError(()))?))
                    }
                    None => (path, None),
                };
                if !path.starts_with('/') || path.contains('\0') {
                    return Err(ParseListenOnError(()));
                }
                return Ok(Self::Unix { path: path.into(), mode });
            }
        }
        text.parse().map(Self::Tcp).map_err(|_| ParseListenOnError(()))
    }
}

/// The text is no [`ListenOn`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an IP address and a port, such as 127.0.0.1:9528 or [::1]:9528{}",
    if cfg!(unix) { ", or unix:/PATH, or unix:/PATH,mode=660, or fd:systemd" } else { "" }
)]
pub struct ParseListenOnError(());

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
        let name = place.to_string();
        let failed =
            |cause| BindError { place: name.clone(), others: Vec::new(), cause, port: None };
        let taken_over = inherited.take(&name).map_err(failed)?;
        if !taken_over.is_empty() {
            for listener in taken_over {
                listeners.push((name.clone(), with_its_file(listener, place).map_err(failed)?));
            }
            continue;
        }
        match place {
            ListenOn::Tcp(address) => {
                let (listener, _) = listen(*address, may_be_above).await?;
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

/// A listener that was taken over, with the file of its Unix socket.
fn with_its_file(listener: Listener, place: &ListenOn) -> io::Result<Listener> {
    #[cfg(unix)]
    if let ListenOn::Unix { path, .. } = place {
        return listener.with_file(SocketFile::taken_over(path)?);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_place_is_an_address_or_a_socket_or_what_systemd_has_opened() {
        for text in ["127.0.0.1:9528", "[::1]:9528", "unix:/run/x.sock", "fd:systemd"] {
            assert_eq!(text.parse::<ListenOn>().unwrap().to_string(), text);
        }
        let unix = |path: &str, mode| Ok(ListenOn::Unix { path: path.into(), mode });
        assert_eq!("unix:/run/a,b,mode=660".parse(), unix("/run/a,b", Some(0o660)));
        assert_eq!("unix:/run/a:b".parse(), unix("/run/a:b", None));
        for text in [
            "",
            "localhost:1",
            "127.0.0.1",
            "unix:",
            "unix:x",
            "unix:/x,mode=8",
            "unix:/x,mode=1777",
            "fd:3",
        ] {
            assert!(text.parse::<ListenOn>().is_err(), "{text:?}");
        }
    }
}
