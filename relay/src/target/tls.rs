//! TLS towards a target. Its certificate must be for its name, and be signed by someone who is trusted.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

use super::TargetTls;
use super::certificate_verifier::CertificateVerifier;
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

/// What targets with TLS need of files. Those that trust the same file, or the system, share what is in it: it takes
/// milliseconds to read, and tens of kilobytes.
#[derive(Default)]
pub(crate) struct TargetTlsConfigs(HashMap<Option<PathBuf>, Arc<ClientConfig>>);

impl TargetTlsConfigs {
    pub(super) fn load(&mut self, tls: &TargetTls) -> Result<ClientTls, TargetTlsError> {
        let config = match self.0.entry(tls.ca.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(config(tls.ca.as_deref())?.into()),
        };
        Ok(ClientTls { config: Arc::clone(config), name: tls.name.clone() })
    }
}

impl ClientTls {
    pub(super) async fn shake_hands(&self, socket: Socket) -> io::Result<TlsStream<Socket>> {
        let connector = TlsConnector::from(Arc::clone(&self.config));
        connector.connect(self.name.clone(), socket).await.map_err(|error| {
            if error.kind() == io::ErrorKind::UnexpectedEof {
                let said = "it has closed the connection in the handshake of TLS";
                return io::Error::new(error.kind(), said);
            }
            error
        })
    }
}

/// `ca` is `None` for the system's.
fn config(ca: Option<&Path>) -> Result<ClientConfig, TargetTlsError> {
    let (roots, trusted) = match ca {
        Some(file) => {
            let read = read_authorities(file);
            let read = read.map_err(|cause| TargetTlsError::Ca { path: file.to_owned(), cause })?;
            (read.roots, read.certificates)
        }
        None => (of_the_system()?, Vec::new()),
    };
    let provider = Arc::new(ring::default_provider());
    let signed = WebPkiServerVerifier::builder_with_provider(roots.into(), Arc::clone(&provider));
    let signed = signed.build().expect("there are roots, and no lists of revoked certificates");
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TargetTlsError::Library)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(CertificateVerifier { signed, trusted }))
        .with_no_client_auth())
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

#[cfg(test)]
mod tests {
    use std::{env, fs, process};

    use super::*;

    #[test]
    fn targets_that_trust_the_same_file_read_it_once() {
        let authority = rcgen::generate_simple_self_signed(Vec::new()).unwrap().cert.pem();
        let files = ["one", "other"].map(|name| {
            let file = env::temp_dir().join(format!("framescope-{}-{name}.pem", process::id()));
            fs::write(&file, &authority).unwrap();
            file
        });
        let mut configs = TargetTlsConfigs::default();
        let mut load = |file: &PathBuf| {
            let name = "localhost".try_into().unwrap();
            configs.load(&TargetTls { name, ca: Some(file.clone()) })
        };
        let [one, same, other] = [&files[0], &files[0], &files[1]].map(|file| load(file).unwrap());
        assert!(Arc::ptr_eq(&one.config, &same.config));
        assert!(!Arc::ptr_eq(&one.config, &other.config));
        for file in &files {
            fs::remove_file(file).unwrap();
        }
        assert!(load(&files[0]).is_ok() && load(&"/nowhere".into()).is_err());
    }
}
