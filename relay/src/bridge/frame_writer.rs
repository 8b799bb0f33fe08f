//! Frames on their way to a client, RFC 6455, section 5. A server masks nothing and fragments nothing.

use std::io;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, Frame, FrameHeader};

use super::write_buffer::WriteBuffer;
use crate::metrics::ByteCounter;
use crate::net::explain_connection;
use crate::session_end::SessionEnd;

/// The longest header of a frame to a client, in bytes: two, and a length of eight.
pub(super) const HEADROOM: usize = 10;

/// Writes frames to the client. At most one message waits in it, one pong, one ping and one close.
#[derive(Debug, Default)]
pub(super) struct FrameWriter {
    buffer: WriteBuffer,
    /// Bytes of the target in the message that waits.
    payload: u64,
    /// The answer to the newest ping. It may also answer the pings before it, section 5.5.3.
    pong: Option<Bytes>,
    ping_is_due: bool,
    /// The last frame has been added.
    is_closed: bool,
    /// The stream may still hold bytes, as TLS does, until it is flushed.
    is_unflushed: bool,
    /// Bytes of the target that have been sent, in whole messages.
    pub(super) written: ByteCounter,
    /// How often the client's kernel has taken something.
    pub(super) progress: u64,
}

impl FrameWriter {
    pub(super) fn new(written: ByteCounter) -> Self {
        Self { written, ..Self::default() }
    }

    /// Must the client take something before more can be sent?
    pub(super) fn is_blocked(&self) -> bool {
        !self.buffer.is_empty() || self.is_unflushed
    }

    /// Is a pong or a ping to be sent?
    pub(super) const fn has_control(&self) -> bool {
        self.pong.is_some() || self.ping_is_due
    }

    pub(super) const fn ping(&mut self) {
        self.ping_is_due = !self.is_closed;
    }

    pub(super) fn pong(&mut self, payload: &[u8]) {
        self.pong = (!self.is_closed).then(|| Bytes::copy_from_slice(payload));
    }

    /// Adds the last frame, after the message that waits.
    pub(super) fn close(&mut self, code: u16, reason: String) {
        let close = CloseFrame { code: CloseCode::from(code), reason: reason.into() };
        self.last(Frame::close(Some(close)));
    }

    /// Adds the last frame: the answer to the client's close, with the same payload.
    pub(super) fn close_as(&mut self, payload: &[u8]) {
        // The default header is that of a close.
        let payload = Bytes::copy_from_slice(payload);
        self.last(Frame::from_payload(FrameHeader::default(), payload));
    }

    /// Nothing is sent after a close, section 5.5.1.
    fn last(&mut self, frame: Frame) {
        if !mem::replace(&mut self.is_closed, true) {
            self.pong = None;
            self.ping_is_due = false;
            self.push(frame);
        }
    }

    fn push(&mut self, frame: Frame) {
        let mut bytes = Vec::with_capacity(frame.len());
        frame.format(&mut bytes).expect("a Vec takes whatever is written");
        self.buffer.push(&bytes);
    }

    /// Sends one binary message. Before it there must be [`HEADROOM`] bytes for the frame header. `payload` of
    /// its bytes are the target's. What the client's kernel does not take now waits. Nothing may wait when this
    /// is called.
    pub(super) fn send<S: AsyncWrite + Unpin>(
        &mut self,
        context: &mut Context<'_>,
        client: &mut S,
        headroom_and_message: &mut [u8],
        payload: usize,
    ) -> Result<(), SessionEnd> {
        let frame = frame(headroom_and_message);
        self.payload = payload as u64;
        self.is_unflushed = true;
        let frame = &headroom_and_message[frame..];
        let taken = self.buffer.send(context, client, frame).map_err(|error| failed(&error))?;
        self.progress += u64::from(taken > 0);
        if self.buffer.is_empty() {
            self.written.add(mem::take(&mut self.payload));
        }
        Ok(())
    }

    /// Sends everything that waits, and returns when the client's kernel has it.
    pub(super) fn poll_sent<S: AsyncWrite + Unpin>(
        &mut self,
        context: &mut Context<'_>,
        client: &mut S,
    ) -> Poll<Result<(), SessionEnd>> {
        loop {
            if !self.buffer.is_empty() {
                self.is_unflushed = true;
                let progress = &mut self.progress;
                let sent = self.buffer.poll_write(context, client, |_| *progress += 1);
                ready!(sent).map_err(|error| failed(&error))?;
                self.written.add(mem::take(&mut self.payload));
            }
            if self.is_unflushed {
                ready!(Pin::new(&mut *client).poll_flush(context))
                    .map_err(|error| failed(&error))?;
                self.is_unflushed = false;
            }
            if let Some(payload) = self.pong.take() {
                self.push(Frame::pong(payload));
            } else if mem::take(&mut self.ping_is_due) {
                self.push(Frame::ping(Bytes::new()));
            } else {
                return Poll::Ready(Ok(()));
            }
        }
    }

    /// Frees the memory of messages that had to wait.
    pub(super) fn shrink(&mut self) {
        self.buffer.shrink();
    }
}

/// Writes the header of a binary message directly before it. Returns where the frame begins.
fn frame(headroom_and_message: &mut [u8]) -> usize {
    let header = FrameHeader { opcode: OpCode::Data(Data::Binary), ..FrameHeader::default() };
    let length = (headroom_and_message.len() - HEADROOM) as u64;
    let start = HEADROOM - header.len(length);
    let mut space = &mut headroom_and_message[start..];
    header.format(length, &mut space).expect("the headroom fits the longest header");
    start
}

fn failed(error: &io::Error) -> SessionEnd {
    SessionEnd::ClientFailed(explain_connection(error))
}
