//! Certificates of tests.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::waiting::within;

/// A certificate for localhost and its key, in files.
pub(crate) struct Certificate {
    pub(crate) cert: PathBuf,
    pub(crate) key: PathBuf,
    der: CertificateDer<'static>,
}

impl Certificate {
    pub(crate) fn new(name: &str) -> Self {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(names).expect("it is sound");
        let path = |kind: &str| {
            Path::new(env!("CARGO_TARGET_TMPDIR"))
                .join(format!("{}-{name}-{kind}.pem", std::process::id()))
        };
        let files = Self { cert: path("cert"), key: path("key"), der: cert.der().clone() };
        fs::write(&files.cert, cert.pem()).expect("it is sound");
        fs::write(&files.key, signing_key.serialize_pem()).expect("it is sound");
        files
    }

    /// The options of a relay that has it.
    pub(crate) fn arguments(&self) -> [&str; 4] {
        let [cert, key] = [&self.cert, &self.key].map(|path| path.to_str().expect("it is sound"));
        ["--tls-cert", cert, "--tls-key", key]
    }

    /// A client that trusts this certificate and no other.
    pub(crate) async fn connect(&self, relay: SocketAddr) -> TlsStream<TcpStream> {
        let config = ClientConfig::builder().with_root_certificates(self.roots());
        connect_as(&config.with_no_client_auth().into(), relay).await.expect("it is sound")
    }

    /// This certificate and no other.
    pub(crate) fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.der.clone()).expect("it is sound");
        roots
    }
}

/// A client of this kind.
pub(crate) async fn connect_as(
    config: &Arc<ClientConfig>,
    relay: SocketAddr,
) -> io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(relay).await.expect("it is sound");
    let name = "localhost".try_into().expect("it is sound");
    let handshake = TlsConnector::from(Arc::clone(config)).connect(name, stream);
    within("the handshake ends", handshake).await
}

impl Drop for Certificate {
    fn drop(&mut self) {
        let _ = (fs::remove_file(&self.cert), fs::remove_file(&self.key));
    }
}
