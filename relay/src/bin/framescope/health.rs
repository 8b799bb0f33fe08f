//! `framescope health`: whether the relay with these options answers. A container is asked so.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use framescope::{Config, ListenOn, alternatives, reachable};
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

/// Asks the relay, at the ports above too if nobody has chosen one. Returns the exit code: 1 if none answers as it should.
pub(crate) fn check(config: &Config) -> i32 {
    let own = config.listen.iter().find_map(ListenOn::tcp);
    let Some(own) = own else {
        eprintln!("framescope: health asks an address and a port; of these options none has one");
        return 1;
    };
    let (asked, is_tls) = (reachable(own), config.tls.is_some());
    let Err(error) = ask(asked, is_tls) else { return 0 };
    if config.may_listen_above && alternatives(asked).any(|other| ask(other, is_tls).is_ok()) {
        return 0;
    }
    eprintln!("framescope: {error:#}");
    1
}

fn ask(relay: SocketAddr, is_tls: bool) -> anyhow::Result<()> {
    let stream = TcpStream::connect_timeout(&relay, PATIENCE)
        .with_context(|| format!("nothing answers at {relay}"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let answer = if is_tls { answer(tls(stream, relay)?, relay) } else { answer(stream, relay) };
    let answer = answer.map_err(plain).with_context(|| format!("{relay} does not answer"))?;
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

fn answer(mut stream: impl Read + Write, relay: SocketAddr) -> anyhow::Result<String> {
    write!(stream, "GET /healthz HTTP/1.1\r\nHost: {relay}\r\nConnection: close\r\n\r\n")?;
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

fn tls(stream: TcpStream, relay: SocketAddr) -> anyhow::Result<impl Read + Write> {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
        .with_no_client_auth();
    let connection = ClientConnection::new(Arc::new(config), relay.ip().into())?;
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
