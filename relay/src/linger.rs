//! Closing a TCP connection so that the last bytes we sent arrive.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};

use crate::scratch;

/// How many bytes are read at a time, to be thrown away.
const READ: usize = 64 * 1024;

/// Ends our direction and reads the peer's to its end, throwing the bytes away.
///
/// A socket closed while bytes wait unread in it sends a reset instead of a FIN, and a reset makes
/// the peer's kernel forget what we sent just before (RFC 1122, section 4.2.2.13). The caller sets
/// the time limit.
pub(crate) async fn linger<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) {
    if stream.shutdown().await.is_ok() {
        poll_fn(|context| poll_to_end(context, stream)).await;
    }
}

fn poll_to_end<S: AsyncRead + Unpin>(context: &mut Context<'_>, stream: &mut S) -> Poll<()> {
    scratch::with(READ, |scratch| {
        loop {
            let mut room = ReadBuf::new(scratch);
            let read = ready!(Pin::new(&mut *stream).poll_read(context, &mut room));
            if read.is_err() || room.filled().is_empty() {
                return Poll::Ready(());
            }
        }
    })
}
