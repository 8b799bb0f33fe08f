//! TLS towards a target. Its certificate must be for its name, and be signed by someone who is trusted.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

use super::TargetTls;
use crate::net::{AuthoritiesError, Socket, read_authorities};

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
            Some(file) => read_authorities(file)
                .map_err(|cause| TargetTlsError::Ca { path: file.clone(), cause })?,
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
    /// The file does not say who may sign its certificate.
    #[error("{} cannot be used as a target's ca: {cause}", path.display())]
    Ca {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: AuthoritiesError,
    },
    /// The system has no certificates.
    #[error("this system trusts no certificates; a target's ca=FILE names those to trust")]
    NoSystem,
    /// The library cannot be used.
    #[error("there is no TLS here: {0}")]
    Library(#[source] rustls::Error),
}
