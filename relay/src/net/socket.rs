//! A connection that has no TLS and no PROXY header on it: of TCP, or through a Unix socket.

use std::io;

use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio_util::either::Either;

// On a system without Unix sockets this side is never used.
#[cfg(not(unix))]
use tokio::net::TcpStream as UnixStream;

/// TCP on the left, a Unix socket on the right.
pub(crate) type Socket = Either<TcpStream, UnixStream>;

/// Sets `TCP_NODELAY`, tcp(7). A Unix socket has no such thing.
pub(crate) fn set_nodelay(socket: &Socket, nodelay: bool) -> io::Result<()> {
    match socket {
        Either::Left(tcp) => tcp.set_nodelay(nodelay),
        Either::Right(_) => Ok(()),
    }
}
