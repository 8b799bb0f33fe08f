//! `framescope health`: whether the relay with these options answers. A container is asked so.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use framescope::{Config, reachable};
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

/// The most bytes of the answer that are read. Its first line says everything.
const MAX_ANSWER: usize = 4096;

/// How the answer of a relay that serves begins (RFC 9112, section 4).
const OK: &str = "HTTP/1.1 200 ";

/// Asks the relay. Returns the exit code: 1 if it does not answer as it should.
pub(crate) fn check(config: &Config) -> i32 {
    match ask(reachable(config.listen), config.tls.is_some()) {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("framescope: {error:#}");
            1
        }
    }
}

fn ask(relay: SocketAddr, is_tls: bool) -> anyhow::Result<()> {
    let stream = TcpStream::connect_timeout(&relay, PATIENCE)
        .with_context(|| format!("nothing answers at {relay}"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let answer = if is_tls { answer(tls(stream, relay)?, relay) } else { answer(stream, relay) };
    let answer = answer.with_context(|| format!("{relay} does not answer"))?;
    if !answer.starts_with(OK) {
        bail!("{relay} answers {:?}", answer.lines().next().unwrap_or_default());
    }
    Ok(())
}

fn answer(mut stream: impl Read + Write, relay: SocketAddr) -> anyhow::Result<String> {
    write!(stream, "GET /healthz HTTP/1.1\r\nHost: {relay}\r\nConnection: close\r\n\r\n")?;
    let mut answer = [0; MAX_ANSWER];
    let mut filled = 0;
    while filled < answer.len() && !answer[..filled].contains(&b'\n') {
        match stream.read(&mut answer[filled..])? {
            0 => break,
            count => filled += count,
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
