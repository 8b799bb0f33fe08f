//! What a connection goes through before its first request.

use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;
use tracing::{debug, warn};

/// A client's connection, plain on the left, with TLS on the right: boxed, because its state takes more
/// room than a whole session that is plain.
pub(super) type Client = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// What a connection goes through before its first request.
#[derive(Clone)]
pub(crate) struct Acceptor {
    /// How long a client may take to send the head of a request, and to shake hands.
    pub(crate) header_timeout: Duration,
    /// How long a client may take nothing of a response.
    pub(crate) send_timeout: Duration,
    pub(crate) tls: Option<TlsAcceptor>,
}

impl Acceptor {
    /// `None` where the client does not manage the TLS handshake.
    pub(super) async fn enter(&self, stream: TcpStream) -> Option<Client> {
        if let Err(error) = stream.set_nodelay(true) {
            warn!(%error, "cannot set TCP_NODELAY on the connection to the client");
        }
        let Some(tls) = &self.tls else { return Some(Either::Left(stream)) };
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
