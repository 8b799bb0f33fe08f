//! Who may sign the certificates of a peer, from a file.

use std::path::Path;

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::{self, RootCertStore};

use crate::named_file::read_named_file;

/// The longest PEM file, in bytes: 4 MiB. A system's trusted certificates have a fifteenth of it.
pub(super) const MAX_PEM: u64 = 4 << 20;

/// Reads the certificates of a PEM file (RFC 7468), one at least.
pub(crate) fn read_authorities(file: &Path) -> Result<RootCertStore, AuthoritiesError> {
    let mut roots = RootCertStore::empty();
    let bytes = read_named_file(file, MAX_PEM).map_err(pem::Error::Io)?;
    for certificate in CertificateDer::pem_slice_iter(&bytes) {
        roots.add(certificate?)?;
    }
    if roots.is_empty() { Err(pem::Error::NoItemsFound.into()) } else { Ok(roots) }
}

/// Why a file does not say who may sign certificates.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthoritiesError {
    /// It cannot be read, or has no certificate.
    #[error("{}", explain_pem(.0))]
    File(#[from] pem::Error),
    /// A certificate in it is of an unknown kind.
    #[error(transparent)]
    Certificate(#[from] rustls::Error),
}

/// What is wrong with a PEM file, in words.
pub(super) fn explain_pem(error: &pem::Error) -> String {
    #[allow(clippy::wildcard_enum_match_arm, reason = "the enum of rustls may grow")]
    match error {
        pem::Error::Io(error) => error.to_string(),
        pem::Error::NoItemsFound => "it has no PEM section of its kind".to_owned(),
        error => error.to_string(),
    }
}
