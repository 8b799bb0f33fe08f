//! Closing a TCP connection so that the last bytes we sent arrive.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::drain_deadline::DrainDeadline;
use super::read_buffer;
use super::unacknowledged::Unacknowledged;

/// How many bytes are read at a time, to be thrown away.
const READ: usize = 64 * 1024;

/// Ends our direction and reads the peer's to its end, throwing the bytes away.
///
/// A socket closed while bytes wait unread in it sends a reset instead of a FIN, and one that is closed
/// answers with a reset what comes later; a reset makes either kernel forget what it has of ours
/// (RFC 1122, section 4.2.2.13). The caller sets the time limit.
pub(crate) async fn linger<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) {
    let mut lingering = Lingering::default();
    poll_fn(|context| lingering.poll(context, stream)).await;
}

/// Does the same, until the patience is over. That is asked first: a peer that sends without end makes
/// all the socket calls that a task may make each time that it is polled, and a timer counts as one.
pub(crate) async fn linger_with<S>(stream: &mut S, mut patience: DrainDeadline<'_>)
where
    S: AsyncRead + AsyncWrite + Unacknowledged + Unpin,
{
    let mut lingering = Lingering::default();
    poll_fn(|context| match patience.poll(context, || stream.unacknowledged()) {
        Poll::Ready(()) => Poll::Ready(()),
        Poll::Pending => lingering.poll(context, stream),
    })
    .await;
}

#[derive(Default)]
struct Lingering {
    is_shut_down: bool,
}

impl Lingering {
    fn poll<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        context: &mut Context<'_>,
        stream: &mut S,
    ) -> Poll<()> {
        if !self.is_shut_down {
            if ready!(Pin::new(&mut *stream).poll_shutdown(context)).is_err() {
                return Poll::Ready(());
            }
            self.is_shut_down = true;
        }
        read_buffer::with(READ, |scratch| {
            loop {
                let mut room = ReadBuf::new(scratch);
                let read = ready!(Pin::new(&mut *stream).poll_read(context, &mut room));
                if read.is_err() || room.filled().is_empty() {
                    return Poll::Ready(());
                }
            }
        })
    }
}
