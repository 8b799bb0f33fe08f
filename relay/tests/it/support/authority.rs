//! A certificate authority of a test, and the certificates that it signs for clients.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::certificate::Certificate;

/// A certificate authority, whose own certificate is in a file.
pub(crate) struct Authority {
    file: PathBuf,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate of a client and its key, in files.
pub(crate) struct ClientCertificate {
    pub(crate) cert: PathBuf,
    pub(crate) key: PathBuf,
}

fn path(name: &str, kind: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}-{kind}.pem", std::process::id()))
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("it is sound");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("it is sound");
        let file = path(name, "ca");
        fs::write(&file, issuer.pem()).expect("it is sound");
        Self { file, issuer }
    }

    /// The file with its certificate.
    pub(crate) fn file(&self) -> &str {
        self.file.to_str().expect("it is sound")
    }

    /// Signs a certificate for this common name, which is good until this year.
    pub(crate) fn sign(&self, common_name: &str, until: i32) -> ClientCertificate {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, common_name);
        params.not_after = date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().expect("it is sound");
        let signed = params.signed_by(&key, &self.issuer).expect("it is sound");
        let name = format!("{}-{}", self.file.file_stem().unwrap_or_default().display(), until);
        let files = ClientCertificate { cert: path(&name, "cert"), key: path(&name, "key") };
        fs::write(&files.cert, signed.pem()).expect("it is sound");
        fs::write(&files.key, key.serialize_pem()).expect("it is sound");
        files
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.file);
    }
}

impl ClientCertificate {
    /// Clients that send it, and trust this certificate of the relay. They resume the sessions of each other.
    pub(crate) fn clients(&self, relay: &Certificate) -> Arc<ClientConfig> {
        let cert = CertificateDer::from_pem_file(&self.cert).expect("it is sound");
        let key = PrivateKeyDer::from_pem_file(&self.key).expect("it is sound");
        let config = ClientConfig::builder().with_root_certificates(relay.roots());
        config.with_client_auth_cert(vec![cert], key).expect("it is sound").into()
    }
}

impl Drop for ClientCertificate {
    fn drop(&mut self) {
        let _ = (fs::remove_file(&self.cert), fs::remove_file(&self.key));
    }
}
