//! How many bytes that were written to a peer have not arrived there.
//!
//! When a write returns, our kernel has the bytes. It keeps them until the peer's kernel has acknowledged
//! them (RFC 9293, section 3.8). Only our kernel knows whether the peer takes them, perhaps slowly, or not
//! at all.

use std::io;

use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio_rustls::{client, server};
use tokio_util::either::Either;

#[cfg(target_os = "linux")]
use super::sock_diag::SockDiag;
use super::vanishing::Vanishing;

/// A connection whose kernel can be asked.
pub(crate) trait Unacknowledged {
    /// Bytes that the peer's kernel has not acknowledged. `None`: the system does not say.
    fn unacknowledged(&self) -> Option<u32>;

    /// Has the kernel notice that the peer's machine is gone. A Unix socket has no other machine at its end.
    ///
    /// # Errors
    ///
    /// What setsockopt(2) says.
    fn notice_vanishing(&self, _: Vanishing) -> io::Result<()> {
        Ok(())
    }
}

impl Unacknowledged for TcpStream {
    #[cfg(target_os = "linux")]
    fn unacknowledged(&self) -> Option<u32> {
        let (Ok(local), Ok(peer)) = (self.local_addr(), self.peer_addr()) else {
            // The connection was reset: the kernel keeps no bytes.
            return Some(0);
        };
        let found = SockDiag::open().and_then(|system| system.find(local, peer)).ok()?;
        Some(found.map_or(0, |found| found.header.send_queue))
    }

    #[cfg(not(target_os = "linux"))]
    fn unacknowledged(&self) -> Option<u32> {
        None
    }

    fn notice_vanishing(&self, vanishing: Vanishing) -> io::Result<()> {
        vanishing.set(self)
    }
}

#[cfg(unix)]
impl Unacknowledged for UnixStream {
    /// Written bytes are in the peer's queue at once.
    fn unacknowledged(&self) -> Option<u32> {
        Some(0)
    }
}

impl<S: Unacknowledged> Unacknowledged for Box<server::TlsStream<S>> {
    fn unacknowledged(&self) -> Option<u32> {
        self.get_ref().0.unacknowledged()
    }
}

impl<S: Unacknowledged> Unacknowledged for Box<client::TlsStream<S>> {
    fn unacknowledged(&self) -> Option<u32> {
        self.get_ref().0.unacknowledged()
    }

    fn notice_vanishing(&self, vanishing: Vanishing) -> io::Result<()> {
        self.get_ref().0.notice_vanishing(vanishing)
    }
}

impl<L: Unacknowledged, R: Unacknowledged> Unacknowledged for Either<L, R> {
    fn unacknowledged(&self) -> Option<u32> {
        match self {
            Self::Left(stream) => stream.unacknowledged(),
            Self::Right(stream) => stream.unacknowledged(),
        }
    }

    fn notice_vanishing(&self, vanishing: Vanishing) -> io::Result<()> {
        match self {
            Self::Left(stream) => stream.notice_vanishing(vanishing),
            Self::Right(stream) => stream.notice_vanishing(vanishing),
        }
    }
}

#[cfg(test)]
impl Unacknowledged for tokio::io::DuplexStream {
    fn unacknowledged(&self) -> Option<u32> {
        None
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn bytes_that_do_not_fit_the_peers_buffer_are_unacknowledged_until_it_reads() {
        for listens in ["127.0.0.1:0", "[::1]:0", "[::]:0"] {
            let listener = TcpListener::bind(listens).await.unwrap();
            let port = listener.local_addr().unwrap().port();
            let host = if listens == "[::1]:0" { "::1" } else { "127.0.0.1" };
            let mut peer = TcpStream::connect((host, port)).await.unwrap();
            let (mut stream, _) = listener.accept().await.unwrap();
            assert_eq!(stream.unacknowledged(), Some(0), "{listens}");

            let mut written = 0;
            stream.writable().await.unwrap();
            while let Ok(length) = stream.try_write(&[0; 1024]) {
                written += length;
            }
            let waits = stream.unacknowledged().unwrap();
            assert!(waits > 0 && waits as usize <= written, "{waits} of {written}, {listens}");

            stream.shutdown().await.unwrap();
            let mut read = Vec::new();
            peer.read_to_end(&mut read).await.unwrap();
            assert_eq!(read.len(), written);
            while stream.unacknowledged() != Some(0) {
                tokio::task::yield_now().await;
            }
        }
    }
}
