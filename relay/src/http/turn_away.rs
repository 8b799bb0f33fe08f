//! Connections over the bound of their address: they get a 503 and are closed.

use std::fmt::Write as _;
use std::sync::LazyLock;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::security_headers::SECURITY_HEADERS;
use crate::net::linger;

const REASON: &str = "your address has reached its limit of connections; close one first\n";

static ANSWER: LazyLock<String> = LazyLock::new(|| {
    let mut head = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n".to_owned();
    for (name, value) in SECURITY_HEADERS {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let length = REASON.len();
    head + &format!(
        "content-type: text/plain; charset=utf-8\r\ncontent-length: {length}\r\n\r\n{REASON}"
    )
});

/// Answers 503, whatever the client asks for, and closes within `close_timeout`.
pub(crate) async fn turn_away(mut stream: TcpStream, close_timeout: Duration) {
    let _ = timeout(close_timeout, async {
        if stream.write_all(ANSWER.as_bytes()).await.is_ok() {
            linger(&mut stream).await;
        }
    })
    .await;
}
