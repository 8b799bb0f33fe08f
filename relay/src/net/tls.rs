//! TLS for the page and the WebSockets, with a certificate from files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::{self, ServerConfig};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;

use super::certificate_authorities::{AuthoritiesError, MAX_PEM, read_authorities};
use super::tls_error::explain_pem;
use crate::named_file::read_named_file;

/// The one protocol that is served, as ALPN names it (RFC 7301, section 6).
const HTTP_1_1: &[u8] = b"http/1.1";

/// A certificate and its key, and who may sign those of clients.
#[derive(Clone, Debug)]
pub struct Tls {
    config: Arc<ServerConfig>,
    asks_for_certificate: bool,
}

impl Tls {
    /// Reads a certificate chain and its private key, each a PEM file (RFC 7468). With `client_ca`, another one, a
    /// client must have a certificate that one of its CAs has signed.
    ///
    /// # Errors
    ///
    /// [`TlsError`] names the file that cannot be read or has no PEM of its kind. It also says if the
    /// certificate and the key do not belong together.
    pub fn load(
        certificate: &Path,
        key: &Path,
        client_ca: Option<&Path>,
    ) -> Result<Self, TlsError> {
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            |cause| TlsError::File { path, cause }
        };
        let chain = read_chain(certificate).map_err(unreadable(certificate))?;
        if let Some(number) = chain.iter().position(|one| !is_certificate(one)) {
            return Err(TlsError::Broken { path: certificate.to_owned(), number: number + 1 });
        }
        let text =
            read_named_file(key, MAX_PEM).map_err(pem::Error::Io).map_err(unreadable(key))?;
        let key = PrivateKeyDer::from_pem_slice(&text).map_err(|cause| {
            if is_encrypted(&text) {
                TlsError::Encrypted { path: key.to_owned() }
            } else {
                unreadable(key)(cause)
            }
        })?;
        let provider = Arc::new(ring::default_provider());
        let clients = match client_ca {
            Some(file) => verifier(file, &provider)
                .map_err(|cause| TlsError::ClientCa { path: file.to_owned(), cause })?,
            None => WebPkiClientVerifier::no_client_auth(),
        };
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| {
                builder.with_client_cert_verifier(clients).with_single_cert(chain, key)
            })
            .map_err(|error| {
                if matches!(error, rustls::Error::InconsistentKeys(_)) {
                    TlsError::OtherKey
                } else {
                    TlsError::Certificate(error)
                }
            })?;
        config.alpn_protocols = vec![HTTP_1_1.to_vec()];
        Ok(Self { config: Arc::new(config), asks_for_certificate: client_ca.is_some() })
    }

    /// Whether a client must have a certificate.
    #[must_use]
    pub const fn asks_for_certificate(&self) -> bool {
        self.asks_for_certificate
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        Arc::clone(&self.config).into()
    }
}

/// Takes the clients whose certificates a CA in this file has signed.
fn verifier(
    client_ca: &Path,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, AuthoritiesError> {
    let roots = read_authorities(client_ca)?.roots.into();
    let verifier = WebPkiClientVerifier::builder_with_provider(roots, Arc::clone(provider));
    Ok(verifier.build().expect("there are roots, and no lists of revoked certificates"))
}

/// Why files cannot be used for TLS.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read, or has no PEM section of its kind.
    #[error("{} cannot be used for TLS: {}", path.display(), explain_pem(cause))]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: pem::Error,
    },
    /// A section of the file says that it is a certificate, and is none.
    #[error("{}: its certificate {number} cannot be read", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// Which one, from 1.
        number: usize,
    },
    /// The key asks for a password, and nobody is there to type it.
    #[error(
        "{} is encrypted, and nobody types its password here; openssl pkey -in FILE -out NEW writes it without",
        path.display()
    )]
    Encrypted {
        /// The file.
        path: PathBuf,
    },
    /// The file does not say who may sign the certificates of clients.
    #[error("{} cannot be used as a CA of clients: {cause}", path.display())]
    ClientCa {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: AuthoritiesError,
    },
    /// The key is that of another certificate.
    #[error("the key is not that of the certificate")]
    OtherKey,
    /// The certificate or the key is of an unknown kind.
    #[error("the certificate and its key cannot be used for TLS: {0}")]
    Certificate(#[source] rustls::Error),
}

/// The certificates of a PEM file, one at least.
fn read_chain(file: &Path) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    let bytes = read_named_file(file, MAX_PEM).map_err(pem::Error::Io)?;
    let chain = CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>()?;
    if chain.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(chain) }
}

/// Whether a section of PEM has a certificate in it, and nothing else. rustls parses the first of a chain alone.
fn is_certificate(section: &CertificateDer<'_>) -> bool {
    X509Certificate::from_der(section).is_ok_and(|(rest, _)| rest.is_empty())
}

/// Whether a PEM file has a private key that is encrypted: RFC 7468, section 11, or RFC 1421, section 4.6.1.1.
fn is_encrypted(file: &[u8]) -> bool {
    let has = |text: &str| memchr::memmem::find(file, text.as_bytes()).is_some();
    has("BEGIN ENCRYPTED PRIVATE KEY") || has("Proc-Type: 4,ENCRYPTED")
}
