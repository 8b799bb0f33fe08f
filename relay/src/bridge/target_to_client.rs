//! From the target to the client: one read is one binary message, or reads that are ready together are.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use framescope_protocol::ReadOptions;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::unconstrained;
use tokio::time::{Sleep, sleep};

use super::frame_writer::{FrameWriter, HEADROOM};
use super::group::{longest_message, poll_group};
use super::recorder::RecordingStream;
use crate::net::read_buffer;
use crate::session_end::SessionEnd;

/// What a binary message to the client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Messages {
    /// The bytes of one read.
    OneRead,
    /// Reads with their times, as `framescope.reads.v1` says.
    TimedReads,
}

/// Reads from a target and sends what it read to the client.
#[derive(Debug)]
pub(super) struct TargetToClient {
    read_options: ReadOptions,
    messages: Messages,
    /// Until when nothing is read, if the options ask for a delay between reads.
    pause: Option<Pin<Box<Sleep>>>,
    /// Why the session ends when the client's kernel has the reads before.
    end: Option<SessionEnd>,
}

impl TargetToClient {
    pub(super) const fn new(read_options: ReadOptions, messages: Messages) -> Self {
        Self { read_options, messages, pause: None, end: None }
    }

    /// Copies until it has to wait or the session ends. The next read waits until the client's kernel has
    /// the whole message before.
    pub(super) fn poll<T, C>(
        &mut self,
        context: &mut Context<'_>,
        target: &mut RecordingStream<T>,
        writer: &mut FrameWriter,
        client: &mut C,
    ) -> Poll<SessionEnd>
    where
        T: AsyncRead + Unpin,
        C: AsyncWrite + Unpin,
    {
        loop {
            if let Err(end) = ready!(writer.poll_sent(context, client)) {
                return Poll::Ready(end);
            }
            if let Some(end) = self.end.take() {
                return Poll::Ready(end);
            }
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(context));
                self.pause = None;
            }
            let copied = match self.messages {
                Messages::OneRead => self.poll_one_read(context, target, writer, client),
                Messages::TimedReads => self.poll_timed_reads(context, target, writer, client),
            };
            if let Err(end) = ready!(copied) {
                return Poll::Ready(end);
            }
            let delay = self.read_options.delay();
            if !delay.is_zero() {
                self.pause = Some(Box::pin(sleep(delay)));
            }
        }
    }

    fn poll_one_read<T, C>(
        &self,
        context: &mut Context<'_>,
        target: &mut T,
        writer: &mut FrameWriter,
        client: &mut C,
    ) -> Poll<Result<(), SessionEnd>>
    where
        T: AsyncRead + Unpin,
        C: AsyncWrite + Unpin,
    {
        read_buffer::with(HEADROOM + self.read_options.recv as usize, |bytes| {
            let mut buffer = ReadBuf::new(&mut bytes[HEADROOM..]);
            ready!(Pin::new(&mut *target).poll_read(context, &mut buffer))
                .map_err(SessionEnd::TargetFailed)?;
            match buffer.filled().len() {
                0 => Poll::Ready(Err(SessionEnd::TargetClosed)),
                length => {
                    let headroom_and_payload = &mut bytes[..HEADROOM + length];
                    Poll::Ready(writer.send(context, client, headroom_and_payload, length))
                }
            }
        })
    }

    fn poll_timed_reads<T, C>(
        &mut self,
        context: &mut Context<'_>,
        target: &mut RecordingStream<T>,
        writer: &mut FrameWriter,
        client: &mut C,
    ) -> Poll<Result<(), SessionEnd>>
    where
        T: AsyncRead + Unpin,
        C: AsyncWrite + Unpin,
    {
        let options = self.read_options;
        read_buffer::with(HEADROOM + longest_message(&options), |bytes| {
            let group = ready!(poll_group(context, target, &options, &mut bytes[HEADROOM..]));
            self.end = group.end;
            if group.message == 0 {
                return Poll::Ready(Ok(()));
            }
            let message = &mut bytes[..HEADROOM + group.message];
            // tokio makes a task wait after a number of socket calls, and the reads may have used them up. A
            // write that waits for that would be a copy, and would come later.
            let send = poll_fn(|context| {
                Poll::Ready(writer.send(context, client, message, group.payload))
            });
            pin!(unconstrained(send)).poll(context)
        })
    }
}
