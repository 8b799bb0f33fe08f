//! A place where connections come in: a TCP port, or a Unix socket.

#[cfg(unix)]
use std::io;
use std::net::SocketAddr;
#[cfg(unix)]
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;
use tokio_util::either::Either;

use super::accept::accept_with;
use super::socket::Socket;
#[cfg(unix)]
use super::socket_file::SocketFile;

/// A listener, whatever the family of its address is.
#[derive(Debug)]
pub(crate) enum Listener {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix {
        listener: UnixListener,
        /// `None`: somebody else has made the file, and removes it.
        file: Option<SocketFile>,
    },
}

impl Listener {
    /// The next connection, and the address at its other end. `None`: a Unix socket has none.
    pub(crate) async fn accept(&self) -> (Socket, Option<SocketAddr>) {
        match self {
            Self::Tcp(listener) => {
                let (stream, peer) = accept_with(|| listener.accept()).await;
                (Either::Left(stream), Some(peer))
            }
            #[cfg(unix)]
            Self::Unix { listener, .. } => {
                let (stream, _) = accept_with(|| listener.accept()).await;
                (Either::Right(stream), None)
            }
        }
    }

    /// Its address. `None`: a Unix socket.
    pub(crate) fn tcp_address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok(),
            #[cfg(unix)]
            Self::Unix { .. } => None,
        }
    }

    /// The listener that this descriptor is.
    #[cfg(unix)]
    pub(crate) fn from_descriptor(descriptor: OwnedFd) -> io::Result<Self> {
        use rustix::net::AddressFamily;
        // Apple's systems do not say. There, only a relay of our own hands sockets on.
        #[cfg(not(target_vendor = "apple"))]
        if !rustix::net::sockopt::socket_acceptconn(&descriptor).unwrap_or(false) {
            return Err(io::Error::other("it is no listening socket"));
        }
        rustix::io::ioctl_fionbio(&descriptor, true)?;
        let own = rustix::net::getsockname(&descriptor)?;
        if own.address_family() == AddressFamily::UNIX {
            let listener = UnixListener::from_std(descriptor.into())?;
            return Ok(Self::Unix { listener, file: None });
        }
        Ok(Self::Tcp(TcpListener::from_std(descriptor.into())?))
    }

    /// The same with the file of its Unix socket.
    #[cfg(unix)]
    pub(super) fn with_file(self, file: SocketFile) -> io::Result<Self> {
        match self {
            Self::Unix { listener, .. } => Ok(Self::Unix { listener, file: Some(file) }),
            Self::Tcp(_) => Err(io::Error::other("it is no Unix socket")),
        }
    }

    /// The file of its Unix socket is removed when this listener ends, also if another process has made it.
    #[cfg(unix)]
    pub(crate) fn own_file(&self) {
        if let Some(file) = self.file() {
            file.own();
        }
    }

    /// The file of its Unix socket stays when this listener ends: somebody else listens there.
    #[cfg(unix)]
    pub(crate) fn keep_file(&self) {
        if let Some(file) = self.file() {
            file.keep();
        }
    }

    #[cfg(unix)]
    const fn file(&self) -> Option<&SocketFile> {
        match self {
            Self::Unix { file, .. } => file.as_ref(),
            Self::Tcp(_) => None,
        }
    }
}

#[cfg(unix)]
impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(listener) => listener.as_fd(),
            Self::Unix { listener, .. } => listener.as_fd(),
        }
    }
}
