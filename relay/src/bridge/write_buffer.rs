//! Bytes that a stream has not taken yet.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, BytesMut};
use tokio::io::AsyncWrite;

/// Bytes that a stream has not taken yet. They must be gone before the next message is added.
#[derive(Debug, Default)]
pub(super) struct WriteBuffer(BytesMut);

impl WriteBuffer {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds bytes without trying to write them.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// Writes as much of `bytes` as the stream takes now, without a copy, and keeps the rest. The buffer must
    /// be empty. Returns how many bytes the stream took.
    pub(super) fn send<S: AsyncWrite + Unpin>(
        &mut self,
        context: &mut Context<'_>,
        stream: &mut S,
        bytes: &[u8],
    ) -> io::Result<usize> {
        debug_assert!(self.is_empty(), "these bytes would overtake those that wait");
        let mut taken = 0;
        while taken < bytes.len() {
            match write(context, stream, &bytes[taken..]) {
                Poll::Ready(length) => taken += length?,
                Poll::Pending => break,
            }
        }
        self.push(&bytes[taken..]);
        Ok(taken)
    }

    /// Writes until the buffer is empty. Calls `wrote` with the length of each part that was written.
    pub(super) fn poll_write<S: AsyncWrite + Unpin>(
        &mut self,
        context: &mut Context<'_>,
        stream: &mut S,
        mut wrote: impl FnMut(usize),
    ) -> Poll<io::Result<()>> {
        while !self.is_empty() {
            let length = ready!(write(context, stream, &self.0))?;
            self.0.advance(length);
            wrote(length);
        }
        Poll::Ready(Ok(()))
    }

    /// Frees the memory if the buffer is empty.
    pub(super) fn shrink(&mut self) {
        if self.is_empty() {
            *self = Self::default();
        }
    }
}

fn write<S: AsyncWrite + Unpin>(
    context: &mut Context<'_>,
    stream: &mut S,
    bytes: &[u8],
) -> Poll<io::Result<usize>> {
    match ready!(Pin::new(stream).poll_write(context, bytes)) {
        Ok(0) => Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
        written => Poll::Ready(written),
    }
}
