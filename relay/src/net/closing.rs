//! Closing a TCP connection so that the last bytes that we sent arrive.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::drain_deadline::DrainDeadline;
use super::read_buffer;
use super::unacknowledged::Unacknowledged;

/// How many bytes are read and thrown away at a time.
const READ: usize = 64 * 1024;

/// Shuts down our direction, and reads the peer's to its end. The bytes are thrown away.
///
/// A socket that is closed with unread bytes sends a reset instead of a FIN. A socket that is closed answers
/// later bytes with a reset. A reset makes both kernels throw away what we sent and the peer has not read
/// (RFC 1122, section 4.2.2.13). The caller sets the time limit.
pub(crate) async fn linger<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) {
    let mut lingering = Lingering::default();
    poll_fn(|context| lingering.poll(context, stream)).await;
}

/// Does the same until the deadline. The deadline is polled first: tokio limits how many calls a task makes
/// each time that it is polled, timers included, and a peer that sends without end would use all of them.
pub(crate) async fn linger_with<S>(stream: &mut S, mut deadline: DrainDeadline<'_>)
where
    S: AsyncRead + AsyncWrite + Unacknowledged + Unpin,
{
    let mut lingering = Lingering::default();
    poll_fn(|context| match deadline.poll(context, || stream.unacknowledged()) {
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
        poll_discard(context, stream)
    }
}

/// Reads what a peer sends and throws it away. Ready when its stream has ended.
pub(crate) fn poll_discard<S>(context: &mut Context<'_>, stream: &mut S) -> Poll<()>
where
    S: AsyncRead + Unpin,
{
    read_buffer::with(READ, |bytes| {
        loop {
            let mut buffer = ReadBuf::new(bytes);
            let read = ready!(Pin::new(&mut *stream).poll_read(context, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                return Poll::Ready(());
            }
        }
    })
}
