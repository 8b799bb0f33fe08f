//! Origins of pages, and which of them may use the relay.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// The origin of a page as a browser writes it in the `Origin` header, RFC 6454, section 6.1: scheme, host and port. The host
/// may begin with `*.`, which is any one label. `null` is what a browser sends for a page without an origin, such as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Null,
    Of { scheme: String, host: String, port: Option<u16> },
}

impl FromStr for Origin {
    type Err = ParseOriginError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let origin = Self::sent(text).ok_or(ParseOriginError(()))?;
        let Kind::Of { host, .. } = &origin.0 else { return Ok(origin) };
        let rest = host.strip_prefix("*.").unwrap_or(host);
        // Nothing else could match.
        if rest.is_empty() || rest.contains('*') {
            return Err(ParseOriginError(()));
        }
        Ok(origin)
    }
}

impl Origin {
    /// The origin in a header. `None`: it is none.
    pub(super) fn sent(text: &str) -> Option<Self> {
        if text == "null" {
            return Some(Self(Kind::Null));
        }
        let url = Url::parse(text).ok()?;
        let is_bare = matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let host = url.host_str().filter(|host| is_bare && !host.is_empty())?;
        // A scheme that browsers do not know keeps its host as it is written.
        let host = without_trailing_dot(host).to_ascii_lowercase();
        Some(Self(Kind::Of {
            scheme: url.scheme().to_owned(),
            host,
            port: url.port_or_known_default(),
        }))
    }

    /// Whether this is what a browser sent, or is a pattern of it.
    pub(super) fn takes(&self, sent: &Self) -> bool {
        match (&self.0, &sent.0) {
            (Kind::Null, Kind::Null) => true,
            (
                Kind::Of { scheme, host, port },
                Kind::Of { scheme: sent_scheme, host: sent_host, port: sent_port },
            ) => (scheme, port) == (sent_scheme, sent_port) && host_takes(host, sent_host),
            (Kind::Null, Kind::Of { .. }) | (Kind::Of { .. }, Kind::Null) => false,
        }
    }

    /// Whether a page of a web server may have this origin at this host name.
    pub(super) fn has_host(&self, name: &str) -> bool {
        let Kind::Of { scheme, host, .. } = &self.0 else { return false };
        matches!(&**scheme, "http" | "https") && host_takes(host, name)
    }
}

fn host_takes(host: &str, sent: &str) -> bool {
    match host.strip_prefix("*.") {
        Some(rest) => sent
            .split_once('.')
            .is_some_and(|(label, sent)| !label.is_empty() && label != "*" && sent == rest),
        None => host == sent,
    }
}

/// `localhost.` is the same name as `localhost`, written as DNS writes it.
pub(super) fn without_trailing_dot(host: &str) -> &str {
    host.strip_suffix('.').unwrap_or(host)
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Kind::Of { scheme, host, port } = &self.0 else { return f.write_str("null") };
        write!(f, "{scheme}://{host}")?;
        let default = match &**scheme {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        };
        match port.filter(|port| Some(*port) != default) {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

/// The text is not an origin such as `https://course.example:8443`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an origin is written SCHEME://HOST or SCHEME://HOST:PORT, such as https://course.example or \
     https://*.course.example, or null"
)]
pub struct ParseOriginError(());

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(allowed: &str, sent: &str) -> bool {
        let allowed: Origin = allowed.parse().unwrap();
        Origin::sent(sent).is_some_and(|sent| allowed.takes(&sent))
    }

    #[test]
    fn a_wildcard_is_one_label() {
        for sent in ["https://a.course.example", "https://A.COURSE.example:443"] {
            assert!(takes("https://*.course.example", sent), "{sent}");
        }
        for sent in [
            "https://course.example",
            "https://a.b.course.example",
            "http://a.course.example",
            "https://a.course.example:8443",
            "https://.course.example",
            "https://*.course.example",
            "https://acourse.example",
            "null",
        ] {
            assert!(!takes("https://*.course.example", sent), "{sent}");
        }
    }

    #[test]
    fn origins_of_apps_and_extensions_and_null_can_be_allowed() {
        for origin in ["tauri://localhost", "chrome-extension://abcdefghijklmnop", "null"] {
            assert!(takes(origin, origin), "{origin}");
            assert_eq!(origin.parse::<Origin>().unwrap().to_string(), origin);
        }
        assert!(!takes("tauri://localhost", "http://localhost"));
        assert!(!takes("null", "https://null"));
        assert!(!"tauri://localhost".parse::<Origin>().unwrap().has_host("localhost"));
    }

    #[test]
    fn what_no_page_can_have_is_refused() {
        for text in [
            "*",
            "course.example",
            "https://course.example/path",
            "https://u@x",
            "https://*",
            "https://a.*.example",
            "https://*.*.example",
            "file:///x",
            "data:text/html,x",
            "https://course.example?x",
            "",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text:?}");
        }
    }
}
