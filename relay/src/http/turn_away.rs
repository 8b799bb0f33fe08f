//! Connections that get an answer whatever they ask, and are closed.

use std::fmt::Write as _;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
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
    /// It is a trusted proxy's, and has no PROXY header.
    NoProxyHeader,
    /// It has a PROXY header, and is no trusted proxy's.
    UntrustedProxyHeader,
}

impl Why {
    const fn status(self) -> &'static str {
        match self {
            Self::TooMany => "503 Service Unavailable",
            Self::NoTls | Self::NoProxyHeader | Self::UntrustedProxyHeader => "400 Bad Request",
        }
    }

    /// The status alone.
    pub(super) const fn code(self) -> u16 {
        match self {
            Self::TooMany => 503,
            Self::NoTls | Self::NoProxyHeader | Self::UntrustedProxyHeader => 400,
        }
    }

    /// As the metrics call it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::TooMany => "max_connections_per_address",
            Self::NoTls => "no_tls",
            Self::NoProxyHeader => "no_proxy_header",
            Self::UntrustedProxyHeader => "untrusted_proxy_header",
        }
    }

    const fn reason(self) -> &'static str {
        match self {
            Self::TooMany => "your address has reached its limit of connections; close one first\n",
            Self::NoProxyHeader => {
                "a trusted proxy begins a connection with a header of the PROXY protocol here\n"
            }
            Self::UntrustedProxyHeader => {
                "a header of the PROXY protocol is only taken from trusted proxies\n"
            }
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
pub(super) async fn turn_away(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    why: Why,
    close_timeout: Duration,
) {
    let _ = timeout(close_timeout, async {
        if stream.write_all(why.answer().as_bytes()).await.is_ok() {
            linger(&mut stream).await;
        }
    })
    .await;
}
