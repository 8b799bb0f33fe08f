//! Why a TLS handshake failed: a word for the metrics, and a sentence for the log if the relay refused the client's
//! certificate. All else is said at the level `debug`, because anybody who scans ports causes it.

use std::io;

use tokio_rustls::rustls::{CertificateError, Error};

/// Why a TLS handshake failed.
#[derive(Debug)]
pub(super) enum TlsFailure {
    /// A certificate is asked for, and the client has sent none.
    NoCertificate,
    /// The client's certificate is not accepted.
    Certificate(CertificateError),
    /// It took too long.
    TimedOut,
    /// Another reason: the client has broken it off, or speaks no TLS.
    Other,
}

impl TlsFailure {
    pub(super) fn of(error: &io::Error) -> Self {
        let error = error.get_ref().and_then(|error| error.downcast_ref::<Error>());
        #[allow(clippy::wildcard_enum_match_arm, reason = "the enum of rustls may grow")]
        match error {
            Some(Error::NoCertificatesPresented) => Self::NoCertificate,
            // The relay verifies no other certificates here than those of clients.
            Some(Error::InvalidCertificate(error)) => Self::Certificate(error.clone()),
            _ => Self::Other,
        }
    }

    /// As the metrics call it.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::NoCertificate => "no_client_certificate",
            Self::Certificate(_) => "client_certificate",
            Self::TimedOut => "timeout",
            Self::Other => "other",
        }
    }

    /// What the log says. `None`: the relay refused nothing.
    pub(super) fn sentence(&self) -> Option<String> {
        match self {
            Self::NoCertificate => Some("the client has sent no certificate".to_owned()),
            Self::Certificate(CertificateError::UnknownIssuer) => {
                Some("no CA of --tls-client-ca has signed the client's certificate".to_owned())
            }
            Self::Certificate(error) => {
                Some(format!("the client's certificate is not accepted: {error}"))
            }
            Self::TimedOut | Self::Other => None,
        }
    }
}
