//! A connection as HTTP reads and writes it. A client that takes nothing of a response loses it after a timeout.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use crate::net::Unacknowledged;

/// A stream whose writes fail when its peer has taken nothing for `timeout`, and after twice as long at
/// the latest.
///
/// Our kernel holds megabytes for a peer. A slow peer may need minutes until the kernel takes more for it. So
/// when the timeout has passed, the kernel is asked whether the peer has acknowledged anything meanwhile. If
/// the system does not say, the timeout alone decides.
pub(super) struct HttpStream<S> {
    stream: S,
    timeout: Duration,
    /// Bytes that were read before.
    unread: Bytes,
    /// `None` while no write waits.
    waiting: Option<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    timer: Pin<Box<Sleep>>,
    /// What the peer had not acknowledged when the timer was started.
    unacknowledged: Option<u32>,
}

impl<S> HttpStream<S> {
    /// `unread` was read from the stream before.
    pub(super) const fn new(stream: S, timeout: Duration, unread: Bytes) -> Self {
        Self { stream, timeout, unread, waiting: None }
    }

    pub(super) fn into_inner(self) -> S {
        self.stream
    }
}

impl<S: Unacknowledged> HttpStream<S> {
    /// Returns the result of a write, or an error if the write has waited for too long.
    fn check<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.waiting = None;
            return written;
        }
        let Self { stream, timeout, waiting, unread: _ } = self;
        let waiting = waiting.get_or_insert_with(|| Waiting {
            timer: Box::pin(sleep(*timeout)),
            unacknowledged: stream.unacknowledged(),
        });
        loop {
            ready!(waiting.timer.as_mut().poll(context));
            let unacknowledged = stream.unacknowledged();
            if unacknowledged == waiting.unacknowledged {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            waiting.unacknowledged = unacknowledged;
            waiting.timer.as_mut().reset(Instant::now() + *timeout);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for HttpStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.unread.is_empty() {
            let length = self.unread.len().min(buffer.remaining());
            buffer.put_slice(&self.unread.split_to(length));
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unacknowledged + Unpin> AsyncWrite for HttpStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.check(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.check(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.check(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut_down = Pin::new(&mut self.stream).poll_shutdown(context);
        self.check(context, shut_down)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::io::AsyncWriteExt as _;
    use tokio::time::timeout;

    use super::*;

    /// A stream that takes nothing, and whose peer acknowledges `taken` bytes between two checks.
    struct Full {
        unacknowledged: Cell<u32>,
        taken: u32,
    }

    impl Unacknowledged for Full {
        fn unacknowledged(&self) -> Option<u32> {
            self.unacknowledged.set(self.unacknowledged.get() - self.taken);
            Some(self.unacknowledged.get())
        }
    }

    impl AsyncWrite for Full {
        fn poll_write(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            _: &[u8],
        ) -> Poll<io::Result<usize>> {
            Poll::Pending
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_fails_when_the_peer_takes_nothing_and_waits_while_it_takes_little() {
        for (taken, fails) in [(0, true), (1, false)] {
            let full = Full { unacknowledged: Cell::new(4_000_000), taken };
            let mut stream = HttpStream::new(full, Duration::from_secs(30), Bytes::new());
            let written = timeout(Duration::from_hours(1), stream.write_all(b"hello")).await;
            let failed = written.is_ok_and(|written| written.is_err());
            assert_eq!(failed, fails, "{taken}");
        }
    }
}
