//! What a connection goes through before its first request.

use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;
use tracing::{debug, warn};

use super::turn_away::{Why, turn_away};

/// A client's connection: plain on the left, TLS on the right. TLS is boxed, because its state is larger than
/// a whole plain session.
pub(super) type Client = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// What a connection goes through before its first request.
#[derive(Clone)]
pub(crate) struct Acceptor {
    /// The time limit for the head of a request, and for the TLS handshake.
    pub(crate) header_timeout: Duration,
    /// How long a client may take none of a response.
    pub(crate) send_timeout: Duration,
    pub(crate) tls: Option<TlsAcceptor>,
}

impl Acceptor {
    /// `None`: the TLS handshake failed.
    pub(super) async fn enter(&self, stream: TcpStream) -> Option<Client> {
        if let Err(error) = stream.set_nodelay(true) {
            warn!(%error, "cannot set TCP_NODELAY on the connection to the client");
        }
        let Some(tls) = &self.tls else { return Some(Either::Left(stream)) };
        let mut first = [0];
        let Ok(peeked) = timeout(self.header_timeout, stream.peek(&mut first)).await else {
            debug!("a TLS handshake took too long");
            return None;
        };
        // A method of HTTP is in capitals; a handshake of TLS begins with 22: RFC 8446, section 5.1.
        if peeked.is_ok() && first[0].is_ascii_uppercase() {
            debug!("a client speaks HTTP where TLS is spoken");
            turn_away(stream, Why::NoTls, self.header_timeout).await;
            return None;
        }
        match timeout(self.header_timeout, tls.accept(stream)).await {
            Ok(Ok(stream)) => Some(Either::Right(stream.into())),
            Ok(Err(error)) => {
                debug!(%error, "a TLS handshake failed");
                None
            }
            Err(_) => {
                debug!("a TLS handshake took too long");
                None
            }
        }
    }
}
