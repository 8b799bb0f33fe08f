//! What went wrong with TLS, in words. The texts of rustls have the names of its types, and those of the certificate.

use std::io;

use tokio_rustls::rustls::pki_types::pem;
use tokio_rustls::rustls::{AlertDescription, CertificateError, Error};

/// What went wrong with a connection, whether it has TLS or not. "It" is the peer.
pub(crate) fn explain_connection(error: &io::Error) -> String {
    let of_tls = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    of_tls.map_or_else(|| error.to_string(), |error| explain(error).to_owned())
}

#[allow(clippy::wildcard_enum_match_arm, reason = "the enum of rustls may grow")]
const fn explain(error: &Error) -> &'static str {
    match error {
        Error::InvalidCertificate(error) => explain_certificate(error),
        Error::AlertReceived(alert) => explain_alert(*alert),
        Error::InvalidMessage(_) => "it does not speak TLS",
        Error::PeerIncompatible(_) => "it has no version or cipher of TLS in common with the relay",
        Error::NoCertificatesPresented => "it has shown no certificate",
        _ => "it does not follow the rules of TLS",
    }
}

#[allow(clippy::wildcard_enum_match_arm, reason = "the enum of rustls may grow")]
const fn explain_certificate(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::BadEncoding => "its certificate cannot be read",
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name; its names are those of subjectAltName"
        }
        // The second: somebody else with the name of one who is trusted.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "its certificate is signed by nobody who is trusted"
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "its certificate is for another purpose"
        }
        _ => "its certificate is not accepted",
    }
}

#[allow(clippy::wildcard_enum_match_arm, reason = "the enum of rustls may grow")]
const fn explain_alert(alert: AlertDescription) -> &'static str {
    match alert {
        AlertDescription::CertificateRequired => "it asks for a certificate",
        AlertDescription::BadCertificate
        | AlertDescription::CertificateExpired
        | AlertDescription::CertificateUnknown
        | AlertDescription::UnknownCA => "it does not accept the certificate",
        AlertDescription::HandshakeFailure
        | AlertDescription::ProtocolVersion
        | AlertDescription::InsufficientSecurity => {
            "it has no version or cipher of TLS in common with the relay"
        }
        AlertDescription::UnrecognisedName => "it does not know the name that it was asked for",
        _ => "it has ended the connection with an alert of TLS",
    }
}

/// What is wrong with a PEM file, in words.
pub(super) fn explain_pem(error: &pem::Error) -> String {
    #[allow(clippy::wildcard_enum_match_arm, reason = "the enum of rustls may grow")]
    match error {
        pem::Error::Io(error) => error.to_string(),
        pem::Error::NoItemsFound => "it has no PEM section of its kind".to_owned(),
        pem::Error::MissingSectionEnd { end_marker } => {
            let kind = String::from_utf8_lossy(end_marker);
            format!("the end of its PEM section {kind:?} is missing")
        }
        pem::Error::IllegalSectionStart { line } => {
            let line = String::from_utf8_lossy(line);
            format!("the line {:?} begins no section of PEM", line.trim_end())
        }
        pem::Error::Base64Decode(_) => "what is in its PEM section is not base64".to_owned(),
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use tokio_rustls::rustls::{InvalidMessage, PeerMisbehaved};

    use super::*;

    #[test]
    fn nothing_of_rust_is_in_the_words() {
        let presented = vec!["DnsName(\"secret.example\")".to_owned()];
        let expected = "asked.example".try_into().unwrap();
        for error in [
            Error::AlertReceived(AlertDescription::CertificateRequired),
            Error::AlertReceived(AlertDescription::Unknown(200)),
            CertificateError::NotValidForNameContext { expected, presented }.into(),
            CertificateError::UnhandledCriticalExtension.into(),
            Error::InvalidMessage(InvalidMessage::InvalidContentType),
            Error::PeerMisbehaved(PeerMisbehaved::TooManyKeyUpdateRequests),
        ] {
            let debug = format!("{error:?}");
            let words = explain_connection(&io::Error::new(io::ErrorKind::InvalidData, error));
            assert!(words.starts_with("it"), "{words}");
            let is_shown = debug
                .split(|c: char| !c.is_alphanumeric())
                .any(|word| word.chars().skip(1).any(char::is_uppercase) && words.contains(word));
            assert!(!is_shown && !words.contains("example"), "{words}");
        }
        let reset = io::Error::from(io::ErrorKind::ConnectionReset);
        assert_eq!(explain_connection(&reset), reset.to_string());
    }
}
