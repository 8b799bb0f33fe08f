//! A connection to a target, over TCP or over a Unix socket; the bridge treats them alike.

use std::io;

use bytes::BufMut;
use tokio::net::TcpStream;
use tokio::net::tcp;
#[cfg(unix)]
use tokio::net::{UnixStream, unix};
// A system without Unix sockets never has one.
#[cfg(not(unix))]
use tokio::net::{TcpStream as UnixStream, tcp as unix};
use tokio_util::either::Either;

/// TCP on the left, a Unix socket on the right.
pub(crate) type TargetStream = Either<TcpStream, UnixStream>;

/// The direction towards the target.
pub(crate) type WriteHalf<'a> = Either<tcp::WriteHalf<'a>, unix::WriteHalf<'a>>;

/// The direction from the target.
pub(crate) struct ReadHalf<'a>(Either<tcp::ReadHalf<'a>, unix::ReadHalf<'a>>);

/// Both directions.
pub(crate) fn split(stream: &mut TargetStream) -> (ReadHalf<'_>, WriteHalf<'_>) {
    match stream {
        Either::Left(tcp) => {
            let (read, write) = tcp.split();
            (ReadHalf(Either::Left(read)), Either::Left(write))
        }
        Either::Right(unix) => {
            let (read, write) = unix.split();
            (ReadHalf(Either::Right(read)), Either::Right(write))
        }
    }
}

impl ReadHalf<'_> {
    /// Waits until there is something to read. Cancel-safe.
    pub(crate) async fn readable(&self) -> io::Result<()> {
        match &self.0 {
            Either::Left(tcp) => tcp.readable().await,
            Either::Right(unix) => unix.readable().await,
        }
    }

    /// Reads what there is; fails with `WouldBlock` where that is nothing.
    pub(crate) fn try_read_buf(&self, buffer: &mut impl BufMut) -> io::Result<usize> {
        match &self.0 {
            Either::Left(tcp) => tcp.try_read_buf(buffer),
            Either::Right(unix) => unix.try_read_buf(buffer),
        }
    }
}
