//! `framescope health`: whether the relay with these options answers. A container is asked so.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
#[cfg(unix)]
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use framescope::{ClientFrom, Config, ListenOn, Tls, TrustedProxy, alternatives, reachable};
#[cfg(unix)]
use socket2::{Domain, SockAddr, Socket, Type};
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme, StreamOwned,
};

/// How long each step of the answer may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// The most bytes of the answer that are read.
const MAX_ANSWER: usize = 4096;

/// How an answer begins, and how that of a relay that serves does (RFC 9112, section 4).
const HTTP: &str = "HTTP/1.1 ";
const OK: &str = "HTTP/1.1 200 ";

/// How the answer of a relay that serves ends.
const BODY: &str = "\r\n\r\nok";

/// How a connection of a proxy that speaks the PROXY protocol begins, if it speaks for itself.
const PROXY: &str = "PROXY UNKNOWN\r\n";

/// Where a relay is asked.
#[derive(Debug)]
enum Place {
    Tcp(SocketAddr),
    #[cfg(unix)]
    Unix(PathBuf),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            #[cfg(unix)]
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// A connection to a place, with a limit for each step.
trait Connection: Read + Write {}

impl<T: Read + Write> Connection for T {}

impl Place {
    fn connect(&self) -> io::Result<Box<dyn Connection>> {
        match self {
            Self::Tcp(address) => {
                let stream = TcpStream::connect_timeout(address, PATIENCE)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                Ok(Box::new(stream))
            }
            #[cfg(unix)]
            Self::Unix(path) => {
                let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
                socket.set_read_timeout(Some(PATIENCE))?;
                // Its connect(2) waits for a place in the backlog as long as a write may wait.
                socket.set_write_timeout(Some(PATIENCE))?;
                socket.connect(&SockAddr::unix(path)?)?;
                Ok(Box::new(UnixStream::from(socket)))
            }
        }
    }

    /// Whether the relay takes who asks there for a proxy that speaks the PROXY protocol.
    fn takes_proxy_header(&self, config: &Config) -> bool {
        config.client_from == ClientFrom::ProxyProtocol
            && config.trusted_proxies.iter().any(|proxy| match (proxy, self) {
                (TrustedProxy::Network(network), Self::Tcp(address)) => {
                    network.contains(&address.ip().to_canonical())
                }
                #[cfg(unix)]
                (TrustedProxy::Unix, Self::Unix(_)) => true,
                #[cfg(unix)]
                (TrustedProxy::Network(_), Self::Unix(_)) => false,
                (TrustedProxy::Unix, Self::Tcp(_)) => false,
            })
    }
}

/// Where a relay with this config is asked: at its first address, or at its first Unix socket if there is none, or
/// if TLS asks for a certificate. A Unix socket asks for none.
fn place(config: &Config) -> anyhow::Result<Place> {
    let asks_for_certificate = config.tls.as_ref().is_some_and(Tls::asks_for_certificate);
    let address = config.listen.iter().find_map(ListenOn::tcp);
    if let Some(address) = address.filter(|_| !asks_for_certificate) {
        return Ok(Place::Tcp(reachable(address)));
    }
    #[cfg(unix)]
    if let Some(path) = config.listen.iter().find_map(ListenOn::unix) {
        return Ok(Place::Unix(path.to_owned()));
    }
    if address.is_some() {
        bail!(
            "the relay asks for a certificate, and health has none; with another --listen unix:/PATH it asks there"
        );
    }
    bail!("health asks an address or a Unix socket; of these options none has one");
}

/// Asks the relay, at the ports above too if nobody has chosen one. Returns the exit code: 1 if none answers as it should.
pub(crate) fn check(config: &Config) -> i32 {
    let asked = place(config).and_then(|place| match (ask(&place, config), place) {
        (Err(error), Place::Tcp(address)) if config.may_listen_above => {
            let mut others = alternatives(address).map(Place::Tcp);
            if others.any(|other| ask(&other, config).is_ok()) { Ok(()) } else { Err(error) }
        }
        (asked, _) => asked,
    });
    let Err(error) = asked else { return 0 };
    eprintln!("framescope: {error:#}");
    1
}

fn ask(relay: &Place, config: &Config) -> anyhow::Result<()> {
    let connected = relay.connect().map_err(|error| plain(error.into()));
    let mut stream = connected.with_context(|| format!("nothing answers at {relay}"))?;
    let (host, is_tls) = match relay {
        Place::Tcp(address) => (address.to_string(), config.tls.is_some()),
        #[cfg(unix)]
        Place::Unix(_) => ("localhost".to_owned(), false),
    };
    let answered = || {
        if relay.takes_proxy_header(config) {
            stream.write_all(PROXY.as_bytes())?;
        }
        match relay {
            Place::Tcp(address) if is_tls => answer(tls(stream, address.ip())?, &host),
            Place::Tcp(_) => answer(stream, &host),
            #[cfg(unix)]
            Place::Unix(_) => answer(stream, &host),
        }
    };
    let answer = answered().map_err(plain).with_context(|| format!("{relay} does not answer"))?;
    let first = answer.lines().next().unwrap_or_default();
    if answer.is_empty() {
        bail!("{relay} closes the connection without an answer");
    }
    if !answer.starts_with(HTTP) && !is_tls {
        bail!(
            "{relay} answers {first:?}, which is no HTTP: with TLS, health needs --tls-cert and --tls-key too"
        );
    }
    if !answer.starts_with(OK) {
        bail!("{relay} answers {first:?}");
    }
    if !answer.trim_end().ends_with(BODY) {
        bail!("{relay} is another program than framescope");
    }
    Ok(())
}

/// A timeout, in words: the system says that a resource is unavailable.
fn plain(error: anyhow::Error) -> anyhow::Error {
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    match kind {
        Some(io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
            anyhow!("nothing came within {} seconds", PATIENCE.as_secs())
        }
        Some(_) | None => error,
    }
}

fn answer(mut stream: impl Connection, host: &str) -> anyhow::Result<String> {
    write!(stream, "GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut answer = [0; MAX_ANSWER];
    let mut filled = 0;
    while filled < answer.len() && !answer[..filled].ends_with(BODY.as_bytes()) {
        match stream.read(&mut answer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            // What it has said tells what it is.
            Err(_) if filled > 0 => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(String::from_utf8_lossy(&answer[..filled]).into_owned())
}

fn tls(stream: Box<dyn Connection>, relay: IpAddr) -> anyhow::Result<impl Connection> {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
        .with_no_client_auth();
    let connection = ClientConnection::new(Arc::new(config), relay.into())?;
    Ok(StreamOwned::new(connection, stream))
}

/// The certificate names the host of the clients, and not this address. What is asked and answered is no secret.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
