//! From the client to the target: one binary message is one write.

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::frame_reader::{Frames, Received};
use super::frame_writer::Outbox;
use super::write_buffer::Waiting;
use crate::metrics::Carried;
use crate::net::read_buffer;
use crate::session_end::End;

/// The most bytes that one read from a client asks for. Of a stream of 64 KiB messages a read of as much
/// brings parts, which are copied to be put together; one of four times as much brings three whole.
const READ: usize = 256 * 1024;

/// The reading from a client.
#[derive(Debug)]
pub(super) struct Up {
    frames: Frames,
    /// The rest of a message that the target's kernel has not taken.
    waiting: Waiting,
    /// What was read behind that message, [`READ`] bytes at most.
    unread: BytesMut,
    /// Bytes of messages that the target's kernel has taken.
    pub(super) carried: Carried,
    /// How often the client was heard of.
    pub(super) heard: u64,
}

impl Up {
    /// `already_read` came behind the upgrade request.
    pub(super) fn new(max_message: usize, already_read: Bytes, carried: Carried) -> Self {
        Self {
            frames: Frames::new(max_message),
            waiting: Waiting::default(),
            unread: already_read.into(),
            carried,
            heard: 0,
        }
    }

    /// Does the target not take what the client sent? While it does not, nothing is read.
    pub(super) fn is_blocked(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Carries messages until there are no more. What control frames ask for goes to the outbox.
    pub(super) fn poll<C, T>(
        &mut self,
        context: &mut Context<'_>,
        client: &mut C,
        outbox: &mut Outbox,
        target: &mut T,
    ) -> Poll<End>
    where
        C: AsyncRead + Unpin,
        T: AsyncWrite + Unpin,
    {
        loop {
            if let Err(end) = ready!(self.poll_taken(context, outbox, target)) {
                return Poll::Ready(end);
            }
            if let Err(end) = ready!(self.poll_read(context, client, outbox, target)) {
                return Poll::Ready(end);
            }
        }
    }

    /// Carries what was read already, and returns when the target's kernel has all messages of it.
    pub(super) fn poll_taken<T: AsyncWrite + Unpin>(
        &mut self,
        context: &mut Context<'_>,
        outbox: &mut Outbox,
        target: &mut T,
    ) -> Poll<Result<(), End>> {
        loop {
            let carried = &mut self.carried;
            let waited =
                self.waiting.poll_write(context, target, |length| carried.add(length as u64));
            ready!(waited).map_err(End::TargetFailed)?;
            if self.unread.is_empty() {
                return Poll::Ready(Ok(()));
            }
            let mut unread = mem::take(&mut self.unread);
            let left = self.pass_on(context, &mut unread, outbox, target)?;
            unread.advance(unread.len() - left);
            self.unread = unread;
        }
    }

    /// One read from the client.
    fn poll_read<C, T>(
        &mut self,
        context: &mut Context<'_>,
        client: &mut C,
        outbox: &mut Outbox,
        target: &mut T,
    ) -> Poll<Result<(), End>>
    where
        C: AsyncRead + Unpin,
        T: AsyncWrite + Unpin,
    {
        read_buffer::with(READ, |scratch| {
            let mut room = ReadBuf::new(scratch);
            ready!(Pin::new(client).poll_read(context, &mut room))
                .map_err(|error| End::ClientFailed(error.to_string()))?;
            let read = room.filled_mut();
            if read.is_empty() {
                let end = "it ended without a close frame";
                return Poll::Ready(Err(End::ClientFailed(end.to_owned())));
            }
            self.heard += 1;
            let left = self.pass_on(context, read, outbox, target)?;
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
        outbox: &mut Outbox,
        target: &mut T,
    ) -> Result<usize, End> {
        while let Some(received) = self.frames.decode(&mut input)? {
            match received {
                Received::Message(payload) => {
                    let taken = self.waiting.send(context, target, payload);
                    self.carried.add(taken.map_err(End::TargetFailed)? as u64);
                    if self.is_blocked() {
                        return Ok(input.len());
                    }
                }
                Received::Ping(payload) => outbox.pong(payload),
                Received::Pong => {}
                Received::Close(payload) => {
                    outbox.close_as(payload);
                    return Err(End::ClientClosed);
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
