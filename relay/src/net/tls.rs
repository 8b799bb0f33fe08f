//! TLS for the page and the WebSockets, with a certificate from files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

/// The one protocol that is served, as ALPN names it (RFC 7301, section 6).
const HTTP_1_1: &[u8] = b"http/1.1";

/// A certificate and its key.
#[derive(Clone, Debug)]
pub struct Tls(Arc<ServerConfig>);

impl Tls {
    /// Reads a certificate chain and its private key, each a PEM file (RFC 7468).
    ///
    /// # Errors
    ///
    /// [`TlsError`] names the file that cannot be read or has no PEM of its kind. It also says if the
    /// certificate and the key do not belong together.
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            |cause| TlsError::File { path, cause }
        };
        let chain = CertificateDer::pem_file_iter(certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(unreadable(certificate))?;
        if chain.is_empty() {
            return Err(unreadable(certificate)(pem::Error::NoItemsFound));
        }
        let key = PrivateKeyDer::from_pem_file(key).map_err(|cause| {
            if is_encrypted(key) {
                TlsError::Encrypted { path: key.to_owned() }
            } else {
                unreadable(key)(cause)
            }
        })?;
        let mut config = ServerConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(|error| {
                if matches!(error, rustls::Error::InconsistentKeys(_)) {
                    TlsError::OtherKey
                } else {
                    TlsError::Certificate(error)
                }
            })?;
        config.alpn_protocols = vec![HTTP_1_1.to_vec()];
        Ok(Self(Arc::new(config)))
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        Arc::clone(&self.0).into()
    }
}

/// Why two files cannot be used for TLS.
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
    /// The key asks for a password, and nobody is there to type it.
    #[error(
        "{} is encrypted, and nobody types its password here; openssl pkey -in FILE -out NEW writes it without",
        path.display()
    )]
    Encrypted {
        /// The file.
        path: PathBuf,
    },
    /// The key is that of another certificate.
    #[error("the key is not that of the certificate")]
    OtherKey,
    /// The certificate or the key is of an unknown kind.
    #[error("the certificate and its key cannot be used for TLS: {0}")]
    Certificate(#[source] rustls::Error),
}

/// Whether a file has a private key that is encrypted: RFC 7468, section 11, or RFC 1421, section 4.6.1.1.
fn is_encrypted(path: &Path) -> bool {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED")
}

/// What is wrong with a PEM file, in words.
pub(crate) fn explain_pem(error: &pem::Error) -> String {
    #[allow(clippy::wildcard_enum_match_arm, reason = "the enum of rustls may grow")]
    match error {
        pem::Error::Io(error) => error.to_string(),
        pem::Error::NoItemsFound => "it has no PEM section of its kind".to_owned(),
        error => error.to_string(),
    }
}
