//! TLS towards a target. Its certificate must be for its name, and be signed by someone who is trusted.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

use super::TargetTls;
use crate::net::{Socket, explain_pem};

/// TLS towards one target, with the certificates that it needs.
#[derive(Clone)]
pub(super) struct ClientTls {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
}

impl std::fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ClientTls").field(&self.name).finish()
    }
}

impl ClientTls {
    pub(super) fn load(tls: &TargetTls) -> Result<Self, TargetTlsError> {
        let roots = match &tls.ca {
            Some(file) => from_file(file)?,
            None => of_the_system()?,
        };
        let config = ClientConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .map_err(TargetTlsError::Library)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { config: Arc::new(config), name: tls.name.clone() })
    }

    pub(super) async fn shake_hands(&self, socket: Socket) -> io::Result<TlsStream<Socket>> {
        TlsConnector::from(Arc::clone(&self.config)).connect(self.name.clone(), socket).await
    }
}

fn from_file(file: &Path) -> Result<RootCertStore, TargetTlsError> {
    let unreadable = |cause| TargetTlsError::File { path: file.to_owned(), cause };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(unreadable)? {
        let added = roots.add(certificate.map_err(unreadable)?);
        added.map_err(|cause| TargetTlsError::Certificate { path: file.to_owned(), cause })?;
    }
    if roots.is_empty() {
        return Err(unreadable(pem::Error::NoItemsFound));
    }
    Ok(roots)
}

fn of_the_system() -> Result<RootCertStore, TargetTlsError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() { Err(TargetTlsError::NoSystem) } else { Ok(roots) }
}

/// Why a target cannot be spoken to with TLS.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TargetTlsError {
    /// The file cannot be read, or has no certificate.
    #[error("{} cannot be used as a target's ca: {}", path.display(), explain_pem(cause))]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: pem::Error,
    },
    /// A certificate in the file is of an unknown kind.
    #[error("{} cannot be used as a target's ca: {cause}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with the certificate.
        cause: rustls::Error,
    },
    /// The system has no certificates.
    #[error("this system trusts no certificates; a target's ca=FILE names those to trust")]
    NoSystem,
    /// The library cannot be used.
    #[error("there is no TLS here: {0}")]
    Library(#[source] rustls::Error),
}
