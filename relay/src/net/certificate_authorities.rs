//! Who may sign the certificates of a peer, from a file.

use std::path::Path;

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::{self, RootCertStore};

use super::tls_error::explain_pem;
use crate::named_file::read_named_file;

/// The longest PEM file, in bytes: 4 MiB. A system's trusted certificates have a fifteenth of it.
pub(super) const MAX_PEM: u64 = 4 << 20;

/// Those who are trusted.
#[derive(Debug)]
pub(crate) struct Authorities {
    pub(crate) roots: RootCertStore,
    /// The same certificates, as they are in the file.
    pub(crate) certificates: Vec<CertificateDer<'static>>,
}

/// Reads the certificates of a PEM file (RFC 7468), one at least.
pub(crate) fn read_authorities(file: &Path) -> Result<Authorities, AuthoritiesError> {
    let bytes = read_named_file(file, MAX_PEM).map_err(pem::Error::Io)?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&bytes).collect::<Result<_, _>>()?;
    let mut roots = RootCertStore::empty();
    for certificate in &certificates {
        roots.add(certificate.clone())?;
    }
    if roots.is_empty() {
        return Err(pem::Error::NoItemsFound.into());
    }
    Ok(Authorities { roots, certificates })
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

#[cfg(test)]
mod tests {
    use std::{env, fs, process};

    use super::*;

    #[test]
    fn what_is_wrong_with_a_file_is_said_in_text() {
        let pem = rcgen::generate_simple_self_signed(Vec::new()).unwrap().cert.pem();
        let cut = pem.lines().take(3).collect::<Vec<_>>().join("\n");
        let file = env::temp_dir().join(format!("framescope-{}-cut.pem", process::id()));
        for (text, said) in [
            (cut.as_str(), "the end of its PEM section \"CERTIFICATE\" is missing"),
            (&pem.replace("MII", "!!!"), "what is in its PEM section is not base64"),
            ("", "it has no PEM section of its kind"),
        ] {
            fs::write(&file, text).unwrap();
            assert_eq!(read_authorities(&file).unwrap_err().to_string(), said);
        }
        fs::remove_file(&file).unwrap();
    }
}
