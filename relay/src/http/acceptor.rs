//! What a connection goes through before its first request: who its client is, and TLS.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;
use tracing::{debug, info, warn};

use super::app::App;
use super::peer::Peer;
use super::policy::Policy;
use super::proxy_protocol::{is_proxy_header, read_proxy_header};
use super::tls_failure::TlsFailure;
use super::turn_away::{Why, turn_away};
use crate::net::{CertificateName, Socket, linger, set_nodelay};
use crate::sessions::Session;

/// A client's connection: plain on the left, TLS on the right. TLS is boxed, because its state is larger than
/// a whole plain session.
pub(super) type Client = Either<Socket, Box<TlsStream<Socket>>>;

/// What a connection goes through before its first request.
pub(super) struct Acceptor {
    /// `None`: this connection has no TLS.
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) policy: Arc<Policy>,
}

/// A connection that may send requests.
pub(super) struct Entered {
    pub(super) client: Client,
    /// Who is at its end, by the word of a trusted proxy.
    pub(super) peer: Peer,
    /// Counts it, if its address is only known by that word.
    pub(super) counted: Option<Session>,
}

impl Acceptor {
    /// `None`: it was no connection for us, and is closed.
    pub(super) async fn enter(&self, mut socket: Socket, peer: Peer, app: &App) -> Option<Entered> {
        let Policy { trust, header_timeout, tells_ends, .. } = &*self.policy;
        if let Err(error) = set_nodelay(&socket, true) {
            warn!(%error, "cannot set TCP_NODELAY on the connection to the client");
        }
        let (mut peer, mut counted) = (peer, None);
        if peer.sends_proxy_header(trust) {
            let reading = Box::pin(read_proxy_header(&mut socket));
            match timeout(*header_timeout, reading).await {
                Ok(Ok(ends)) => peer = peer.proxied(ends),
                Ok(Err(error)) => {
                    info!("a trusted proxy has sent no PROXY header: {error}");
                    return self.refuse(app, socket, Why::NoProxyHeader).await;
                }
                Err(_) => {
                    debug!("a PROXY header took too long");
                    return None;
                }
            }
            match app.connections.open(peer.address()) {
                Ok(session) => counted = Some(session),
                Err(_) => return self.refuse(app, socket, Why::TooMany).await,
            }
        }
        if *tells_ends {
            peer = peer.reached(reached(&socket));
        }
        let client = match &self.tls {
            None => Either::Left(socket),
            Some(tls) => {
                let shaking = Box::pin(self.shake_hands(app, &peer, tls, socket));
                let Ok(shaken) = timeout(*header_timeout, shaking).await else {
                    debug!("a TLS handshake took too long");
                    app.metrics.tls_failed(TlsFailure::TimedOut.word());
                    return None;
                };
                let stream = shaken?;
                let (_, connection) = stream.get_ref();
                // It is that of the first handshake if this one resumes its session.
                let certificate = connection.peer_certificates().and_then(<[_]>::first);
                peer = peer.with_certificate(certificate.map(CertificateName::of));
                Either::Right(stream.into())
            }
        };
        Some(Entered { client, peer, counted })
    }

    async fn shake_hands(
        &self,
        app: &App,
        peer: &Peer,
        tls: &TlsAcceptor,
        socket: Socket,
    ) -> Option<TlsStream<Socket>> {
        if let Some(why) = speaks_something_else(&socket).await {
            if matches!(why, Why::UntrustedProxyHeader) {
                app.metrics.not_believed("proxy-protocol");
            }
            debug!("a client speaks something else where TLS is spoken");
            return self.refuse(app, socket, why).await;
        }
        let (error, mut socket) = match tls.accept(socket).into_fallible().await {
            Ok(stream) => return Some(stream),
            Err(failed) => failed,
        };
        let failure = TlsFailure::of(&error);
        app.metrics.tls_failed(failure.word());
        match failure.sentence() {
            None => debug!(%error, "a TLS handshake failed"),
            Some(sentence) => {
                app.refusals.log_handshake(peer.address(), failure.word(), &sentence);
                // With TLS 1.3 the client may have sent its request. It is to read the alert that says why.
                let _ = timeout(self.policy.close_timeout, linger(&mut socket)).await;
            }
        }
        None
    }

    /// Tells a client why it is not served, and closes.
    async fn refuse<T>(&self, app: &App, socket: Socket, why: Why) -> Option<T> {
        app.metrics.refused(why.word(), why.code());
        turn_away(socket, why, self.policy.close_timeout).await;
        None
    }
}

/// Where the client has reached us.
fn reached(socket: &Socket) -> Option<SocketAddr> {
    match socket {
        Either::Left(tcp) => tcp.local_addr().ok(),
        Either::Right(_) => None,
    }
}

/// What a client speaks that is no TLS. A handshake of TLS begins with 22: RFC 8446, section 5.1.
async fn speaks_something_else(socket: &Socket) -> Option<Why> {
    let Either::Left(tcp) = socket else { return None };
    let mut first = [0; 16];
    let length = tcp.peek(&mut first).await.ok()?;
    let first = &first[..length];
    if is_proxy_header(first) {
        return Some(Why::UntrustedProxyHeader);
    }
    // A method of HTTP is in capitals.
    first.first().is_some_and(u8::is_ascii_uppercase).then_some(Why::NoTls)
}
