//! Connections over the bound of their address: they get a 503 and are closed.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::net::linger;

const ANSWER: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\
    Content-Length: 82\r\n\
    Connection: close\r\n\r\n\
    your address has as many connections to the relay as it may have; close one first\n";

/// Answers 503, whatever the client asks for, and closes within `close_timeout`.
pub(crate) async fn turn_away(mut stream: TcpStream, close_timeout: Duration) {
    let _ = timeout(close_timeout, async {
        if stream.write_all(ANSWER).await.is_ok() {
            linger(&mut stream).await;
        }
    })
    .await;
}
