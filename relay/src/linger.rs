//! Closing a TCP connection so that the last bytes we sent arrive.

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// Ends our direction and reads the peer's to its end, throwing the bytes away.
///
/// A socket closed while bytes wait unread in it sends a reset instead of a FIN, and a reset makes
/// the peer's kernel forget what we sent just before (RFC 1122, section 4.2.2.13). The caller sets
/// the time limit; memory is bounded by the scratch buffer.
pub(crate) async fn linger<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) {
    if stream.shutdown().await.is_err() {
        return;
    }
    // On the heap, because an array would be part of every session's task from its beginning.
    let mut scratch = vec![0; 2048];
    while matches!(stream.read(&mut scratch).await, Ok(1..)) {}
}
