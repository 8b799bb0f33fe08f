//! Connections that get an answer whatever they ask, and are closed.

use std::fmt::Write as _;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::security_headers::SECURITY_HEADERS;
use crate::net::linger;

/// Why a connection is turned away.
#[derive(Clone, Copy, Debug)]
pub(super) enum Why {
    /// It is over the bound of its address.
    TooMany,
    /// It speaks HTTP where TLS is spoken.
    NoTls,
}

impl Why {
    const fn status(self) -> &'static str {
        match self {
            Self::TooMany => "503 Service Unavailable",
            Self::NoTls => "400 Bad Request",
        }
    }

    const fn reason(self) -> &'static str {
        match self {
            Self::TooMany => "your address has reached its limit of connections; close one first\n",
            Self::NoTls => "this port speaks TLS; its address begins with https:// or wss://\n",
        }
    }

    fn answer(self) -> String {
        let mut answer = format!("HTTP/1.1 {}\r\nConnection: close\r\n", self.status());
        let (reason, length) = (self.reason(), self.reason().len());
        for (name, value) in SECURITY_HEADERS {
            // Writing to a text does not fail.
            let _ = write!(answer, "{name}: {value}\r\n");
        }
        let _ = write!(
            answer,
            "content-type: text/plain; charset=utf-8\r\ncontent-length: {length}\r\n\r\n{reason}"
        );
        answer
    }
}

/// Answers, whatever the client asks for, and closes within `close_timeout`.
pub(super) async fn turn_away(mut stream: TcpStream, why: Why, close_timeout: Duration) {
    let _ = timeout(close_timeout, async {
        if stream.write_all(why.answer().as_bytes()).await.is_ok() {
            linger(&mut stream).await;
        }
    })
    .await;
}
