//! From the client to the target: one binary message is one write.

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::frame_reader::{FrameReader, Received};
use super::frame_writer::FrameWriter;
use super::write_buffer::WriteBuffer;
use crate::metrics::ByteCounter;
use crate::net::read_buffer;
use crate::session_end::SessionEnd;

/// The most bytes that one read from a client asks for. Of a stream of 64 KiB messages a read of as much
/// brings parts, which are copied to be put together; one of four times as much brings three whole.
const READ: usize = 256 * 1024;

/// The reading from a client.
#[derive(Debug)]
pub(super) struct ClientToTarget {
    frames: FrameReader,
    /// The rest of a message that the target's kernel has not taken.
    waiting: WriteBuffer,
    /// What was read behind that message, [`READ`] bytes at most.
    unread: BytesMut,
    /// Bytes of messages that the target's kernel has taken.
    pub(super) carried: ByteCounter,
    /// How often the client was heard of.
    pub(super) heard: u64,
}

impl ClientToTarget {
    /// `already_read` came behind the upgrade request.
    pub(super) fn new(max_message: usize, already_read: Bytes, carried: ByteCounter) -> Self {
        Self {
            frames: FrameReader::new(max_message),
            waiting: WriteBuffer::default(),
            unread: already_read.into(),
            carried,
            heard: 0,
        }
    }

    /// Does the target not take what the client sent? While it does not, nothing is read.
    pub(super) fn is_blocked(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Carries messages until there are no more. What control frames ask for goes to the writer.
    pub(super) fn poll<C, T>(
        &mut self,
        context: &mut Context<'_>,
        client: &mut C,
        writer: &mut FrameWriter,
        target: &mut T,
    ) -> Poll<SessionEnd>
    where
        C: AsyncRead + Unpin,
        T: AsyncWrite + Unpin,
    {
        loop {
            if let Err(end) = ready!(self.poll_taken(context, writer, target)) {
                return Poll::Ready(end);
            }
            if let Err(end) = ready!(self.poll_read(context, client, writer, target)) {
                return Poll::Ready(end);
            }
        }
    }

    /// Carries what was read already, and returns when the target's kernel has all messages of it.
    pub(super) fn poll_taken<T: AsyncWrite + Unpin>(
        &mut self,
        context: &mut Context<'_>,
        writer: &mut FrameWriter,
        target: &mut T,
    ) -> Poll<Result<(), SessionEnd>> {
        loop {
            let carried = &mut self.carried;
            let waited =
                self.waiting.poll_write(context, target, |length| carried.add(length as u64));
            ready!(waited).map_err(SessionEnd::TargetFailed)?;
            if self.unread.is_empty() {
                return Poll::Ready(Ok(()));
            }
            let mut unread = mem::take(&mut self.unread);
            let left = self.pass_on(context, &mut unread, writer, target)?;
            unread.advance(unread.len() - left);
            self.unread = unread;
        }
    }

    /// One read from the client.
    fn poll_read<C, T>(
        &mut self,
        context: &mut Context<'_>,
        client: &mut C,
        writer: &mut FrameWriter,
        target: &mut T,
    ) -> Poll<Result<(), SessionEnd>>
    where
        C: AsyncRead + Unpin,
        T: AsyncWrite + Unpin,
    {
        read_buffer::with(READ, |scratch| {
            let mut room = ReadBuf::new(scratch);
            ready!(Pin::new(client).poll_read(context, &mut room))
                .map_err(|error| SessionEnd::ClientFailed(error.to_string()))?;
            let read = room.filled_mut();
            if read.is_empty() {
                let end = "it ended without a close frame";
                return Poll::Ready(Err(SessionEnd::ClientFailed(end.to_owned())));
            }
            self.heard += 1;
            let left = self.pass_on(context, read, writer, target)?;
            let behind = &room.filled()[room.filled().len() - left..];
            self.unread.extend_from_slice(behind);
            Poll::Ready(Ok(()))
        })
    }

    /// Passes on the messages in `input`, until the target does not take one; gives how many bytes of
    /// the input are left behind it.
    fn pass_on<T: AsyncWrite + Unpin>(
        &mut self,
        context: &mut Context<'_>,
        mut input: &mut [u8],
        writer: &mut FrameWriter,
        target: &mut T,
    ) -> Result<usize, SessionEnd> {
        while let Some(received) = self.frames.decode(&mut input)? {
            match received {
                Received::Message(payload) => {
                    let taken = self.waiting.send(context, target, payload);
                    self.carried.add(taken.map_err(SessionEnd::TargetFailed)? as u64);
                    if self.is_blocked() {
                        return Ok(input.len());
                    }
                }
                Received::Ping(payload) => writer.pong(payload),
                Received::Pong => {}
                Received::Close(payload) => {
                    writer.close_as(payload);
                    return Err(SessionEnd::ClientClosed);
                }
            }
        }
        Ok(0)
    }

    /// Gives back the room of messages that came in parts or had to wait.
    pub(super) fn shrink(&mut self) {
        self.frames.shrink();
        self.waiting.shrink();
        if self.unread.is_empty() {
            self.unread = BytesMut::new();
        }
    }
}
