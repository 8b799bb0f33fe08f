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
use crate::net::{explain_connection, read_buffer};
use crate::session_end::SessionEnd;

/// The most bytes that one read from a client asks for. In a stream of 64 KiB messages, a read of 64 KiB
/// returns parts of messages, which must be copied to be joined. A read of 256 KiB returns three whole ones.
const READ: usize = 256 * 1024;

/// Reads a client's frames and writes their payloads to the target.
#[derive(Debug)]
pub(super) struct ClientToTarget {
    frames: FrameReader,
    /// The rest of a message that the target's kernel has not taken.
    buffer: WriteBuffer,
    /// What was read after that message, [`READ`] bytes at most.
    unread: BytesMut,
    /// Bytes of messages that the target's kernel has taken.
    pub(super) written: ByteCounter,
    /// How often a read has returned something of the client.
    pub(super) heard: u64,
    /// The client's stream has ended.
    pub(super) has_ended: bool,
}

impl ClientToTarget {
    /// `already_read` came after the upgrade request.
    pub(super) fn new(max_message: usize, already_read: Bytes, written: ByteCounter) -> Self {
        Self {
            frames: FrameReader::new(max_message),
            buffer: WriteBuffer::default(),
            unread: already_read.into(),
            written,
            heard: 0,
            has_ended: false,
        }
    }

    /// Does a message wait for the target? Nothing is read meanwhile.
    pub(super) fn is_blocked(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// Copies messages until it has to wait or the session ends. Answers to control frames go to the writer.
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
            if self.has_ended {
                return Poll::Ready(ended());
            }
            if let Err(end) = ready!(self.poll_read(context, client, writer, target)) {
                return Poll::Ready(end);
            }
        }
    }

    /// Copies what was already read, and returns when the target's kernel has all messages of it.
    pub(super) fn poll_taken<T: AsyncWrite + Unpin>(
        &mut self,
        context: &mut Context<'_>,
        writer: &mut FrameWriter,
        target: &mut T,
    ) -> Poll<Result<(), SessionEnd>> {
        loop {
            let counter = &mut self.written;
            let written =
                self.buffer.poll_write(context, target, |length| counter.add(length as u64));
            ready!(written).map_err(SessionEnd::TargetFailed)?;
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
        read_buffer::with(READ, |bytes| {
            let mut buffer = ReadBuf::new(bytes);
            ready!(Pin::new(client).poll_read(context, &mut buffer))
                .map_err(|error| SessionEnd::ClientFailed(explain_connection(&error)))?;
            let read = buffer.filled_mut();
            if read.is_empty() {
                self.has_ended = true;
                return Poll::Ready(Err(ended()));
            }
            self.heard += 1;
            let left = self.pass_on(context, read, writer, target)?;
            let after = &buffer.filled()[buffer.filled().len() - left..];
            self.unread.extend_from_slice(after);
            Poll::Ready(Ok(()))
        })
    }

    /// Writes the messages in `input` to the target, until it does not take one. Returns how many bytes of
    /// the input are left after that one.
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
                    let taken = self.buffer.send(context, target, payload);
                    self.written.add(taken.map_err(SessionEnd::TargetFailed)? as u64);
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

    /// Frees the memory of messages that came in parts or had to wait.
    pub(super) fn shrink(&mut self) {
        self.frames.shrink();
        self.buffer.shrink();
        if self.unread.is_empty() {
            self.unread = BytesMut::new();
        }
    }
}

fn ended() -> SessionEnd {
    SessionEnd::ClientFailed("it ended without a close frame".to_owned())
}
