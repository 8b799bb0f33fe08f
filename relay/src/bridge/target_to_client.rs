//! From the target to the client: one read is one binary message.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use framescope_protocol::ReadOptions;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::frame_writer::{FrameWriter, HEADROOM};
use crate::net::read_buffer;
use crate::session_end::SessionEnd;

/// Reads from a target and sends what it read to the client.
#[derive(Debug)]
pub(super) struct TargetToClient {
    read_options: ReadOptions,
    /// Until when nothing is read, if the options ask for a delay between reads.
    pause: Option<Pin<Box<Sleep>>>,
}

impl TargetToClient {
    pub(super) const fn new(read_options: ReadOptions) -> Self {
        Self { read_options, pause: None }
    }

    /// Copies until it has to wait or the session ends. The next read waits until the client's kernel has
    /// the whole message before.
    pub(super) fn poll<T, C>(
        &mut self,
        context: &mut Context<'_>,
        target: &mut T,
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
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(context));
                self.pause = None;
            }
            let read = read_buffer::with(HEADROOM + self.read_options.recv as usize, |bytes| {
                let mut buffer = ReadBuf::new(&mut bytes[HEADROOM..]);
                ready!(Pin::new(&mut *target).poll_read(context, &mut buffer))
                    .map_err(SessionEnd::TargetFailed)?;
                match buffer.filled().len() {
                    0 => Poll::Ready(Err(SessionEnd::TargetClosed)),
                    length => {
                        let headroom_and_payload = &mut bytes[..HEADROOM + length];
                        Poll::Ready(writer.send(context, client, headroom_and_payload))
                    }
                }
            });
            if let Err(end) = ready!(read) {
                return Poll::Ready(end);
            }
            let delay = self.read_options.delay();
            if !delay.is_zero() {
                self.pause = Some(Box::pin(sleep(delay)));
            }
        }
    }
}
