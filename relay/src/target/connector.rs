//! Connecting to a target.

use std::io;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio::time::timeout;
use tokio_util::either::Either;
use tracing::warn;

use super::proxy_header::{Ends, proxy_header};
use super::resolver::Resolver;
use super::tls::{ClientTls, TargetTlsConfigs, TargetTlsError};
use super::{Address, Target, TargetStream, happy_eyeballs};
use crate::net::{Socket, explain_connection, set_nodelay};

/// Connects to one target.
#[derive(Debug)]
pub(crate) struct Connector {
    name: String,
    address: Address,
    tls: Option<ClientTls>,
    sends_proxy_header: bool,
}

impl Connector {
    /// Reads the certificates that the target's may be signed by.
    pub(crate) fn new(target: &Target, tls: &mut TargetTlsConfigs) -> Result<Self, TargetTlsError> {
        Ok(Self {
            name: target.name.clone(),
            address: target.address.clone(),
            tls: target.tls.as_ref().map(|asked| tls.load(asked)).transpose()?,
            sends_proxy_header: target.sends_proxy_header,
        })
    }

    /// Whether the target is told where the client came in.
    pub(crate) const fn tells_ends(&self) -> bool {
        self.sends_proxy_header
    }

    /// Connects to the address of the host name that answers first, and shakes hands. `limit` is for all of it.
    pub(crate) async fn connect(
        &self,
        resolver: &Resolver,
        settings: ConnectSettings,
        ends: Ends,
    ) -> Result<TargetStream, ConnectError> {
        let name = || self.name.clone();
        match timeout(settings.limit, self.try_to(resolver, settings, ends)).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(source)) if is_shortage(&source) => Err(ConnectError::Shortage { source }),
            Ok(Err(source)) => Err(ConnectError::Failed { name: name(), source }),
            Err(_) => Err(ConnectError::TimedOut { name: name(), limit: settings.limit }),
        }
    }

    async fn try_to(
        &self,
        resolver: &Resolver,
        settings: ConnectSettings,
        ends: Ends,
    ) -> io::Result<TargetStream> {
        let mut socket: Socket = match &self.address {
            Address::Tcp(address) => {
                let addresses = resolver.resolve(address).await?;
                // What most connections do not need is apart: a session's task is as large as all that it may do.
                Either::Left(match *addresses {
                    [address] => TcpStream::connect(address).await?,
                    _ => Box::pin(happy_eyeballs::connect(&addresses)).await?,
                })
            }
            #[cfg(unix)]
            Address::Unix(path) => Either::Right(UnixStream::connect(path).await?),
        };
        if let Err(error) = set_nodelay(&socket, settings.nodelay) {
            warn!(%error, "cannot set TCP_NODELAY on the connection to the target");
        }
        if self.sends_proxy_header {
            let header = proxy_header(ends);
            Box::pin(async { socket.write_all(&header).await }).await?;
        }
        match &self.tls {
            Some(tls) => Ok(Either::Right(Box::new(Box::pin(tls.shake_hands(socket)).await?))),
            None => Ok(Either::Left(socket)),
        }
    }
}

/// How to connect to any target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConnectSettings {
    /// For all of it, a look-up and a handshake included.
    pub(crate) limit: Duration,
    pub(crate) nodelay: bool,
}

/// Whether this machine lacks descriptors or memory. Without a free port, connect(2) says the same as without IPv6,
/// so that does not count.
fn is_shortage(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        let short = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
        Errno::from_io_error(error).is_some_and(|errno| short.contains(&errno))
    }
    #[cfg(not(unix))]
    {
        error.kind() == io::ErrorKind::OutOfMemory
    }
}

/// Why a target could not be reached.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("the target \"{name}\" cannot be reached: {}", explain_connection(source))]
    Failed { name: String, source: io::Error },
    #[error("the target \"{name}\" did not answer within {limit:?}")]
    TimedOut { name: String, limit: Duration },
    #[error("the relay has no descriptors or memory left for a connection to a target: {source}")]
    Shortage { source: io::Error },
}
