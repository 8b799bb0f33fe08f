//! What a client is called by its certificate.

use std::fmt;
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::CertificateDer;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;

/// The most characters of a name. RFC 5280, appendix A.1, has 64 for a common name.
const MAX_NAME: usize = 128;

/// The name of a client in its certificate, as the log shows it. It may come from anyone whom a CA has signed, so it has no
/// control characters, and at most [`MAX_NAME`] characters before they were escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CertificateName(Arc<str>);

impl CertificateName {
    /// The common name of the certificate's subject. Without one: its first DNS name, URI or e-mail address. Without
    /// those: its serial number, in hexadecimal digits.
    pub(crate) fn of(certificate: &CertificateDer<'_>) -> Self {
        let Ok((_, certificate)) = X509Certificate::from_der(certificate) else {
            // It was verified, by another parser.
            return Self::shown("not readable");
        };
        let mut common_names = certificate.subject().iter_common_name();
        let name = common_names.find_map(|name| name.as_str().ok().filter(|name| !name.is_empty()));
        let alternatives = certificate.subject_alternative_name().ok().flatten();
        let mut alternatives = alternatives.iter().flat_map(|names| &names.value.general_names);
        match name.or_else(|| alternatives.find_map(text)) {
            Some(name) => Self::shown(name),
            None => Self::shown(&certificate.raw_serial_as_string()),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    fn shown(name: &str) -> Self {
        let mut shown = String::new();
        for character in name.chars().take(MAX_NAME) {
            // A backslash too, so that an escape is one.
            if character.is_control() || character == '\\' {
                shown.extend(character.escape_default());
            } else {
                shown.push(character);
            }
        }
        Self(shown.into())
    }
}

impl fmt::Display for CertificateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name that is a text, and not empty.
fn text<'a>(name: &GeneralName<'a>) -> Option<&'a str> {
    match name {
        GeneralName::DNSName(name) | GeneralName::URI(name) | GeneralName::RFC822Name(name) => {
            Some(*name).filter(|name| !name.is_empty())
        }
        GeneralName::OtherName(..)
        | GeneralName::X400Address(_)
        | GeneralName::DirectoryName(_)
        | GeneralName::EDIPartyName(_)
        | GeneralName::IPAddress(_)
        | GeneralName::RegisteredID(_)
        | GeneralName::Invalid(..) => None,
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, SanType, SerialNumber};

    use super::*;

    /// The name of a certificate with this common name, or none, and these other names.
    fn name(common_name: Option<&str>, others: Vec<SanType>) -> String {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, "an organization");
        if let Some(common_name) = common_name {
            params.distinguished_name.push(DnType::CommonName, common_name);
        }
        params.subject_alt_names = others;
        params.serial_number = Some(SerialNumber::from(vec![0x4a, 0x0f]));
        let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        CertificateName::of(certificate.der()).as_str().to_owned()
    }

    #[test]
    fn a_client_is_called_by_its_common_name_or_its_first_other_name_or_its_serial_number() {
        let dns = || SanType::DnsName("host.example".try_into().unwrap());
        let uri = || SanType::URI("spiffe://example/a".try_into().unwrap());
        let mail = || SanType::Rfc822Name("a@example".try_into().unwrap());
        let address = || SanType::IpAddress([127, 0, 0, 1].into());
        assert_eq!(name(Some("alice"), vec![dns()]), "alice");
        assert_eq!(name(None, vec![address(), dns(), uri()]), "host.example");
        assert_eq!(name(Some(""), vec![uri(), dns()]), "spiffe://example/a");
        assert_eq!(name(None, vec![mail()]), "a@example");
        assert_eq!(name(None, vec![address()]), "4a:0f");
        assert_eq!(name(None, Vec::new()), "4a:0f");
    }

    #[test]
    fn a_name_is_bounded_and_writes_no_line_of_the_log() {
        assert_eq!(name(Some("a\nb\u{1b}[0m\\n"), Vec::new()), "a\\nb\\u{1b}[0m\\\\n");
        assert_eq!(name(Some("Zoë 张三"), Vec::new()), "Zoë 张三");
        assert_eq!(name(Some(&"ä".repeat(1000)), Vec::new()), "ä".repeat(MAX_NAME));
    }

    #[test]
    fn bytes_that_are_no_certificate_have_a_name_too() {
        let der = CertificateDer::from(vec![0x30, 0x00]);
        assert_eq!(CertificateName::of(&der).as_str(), "not readable");
    }
}
