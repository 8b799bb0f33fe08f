//! Who may use the relay: the rules for the `Host` and `Origin` headers of a request.
//!
//! A browser lets any page open a WebSocket to any address, also to this laptop. It says in `Origin` which
//! page it was (RFC 6455, section 10.2). A page can also make its own host name point here (DNS rebinding).
//! Then `Host` still has that name. So both are checked.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use url::{Host, Url};

/// The origin of a page: scheme, host and port, as a browser writes it in the `Origin` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(url::Origin);

impl FromStr for Origin {
    type Err = ParseOriginError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text).map_err(|_| ParseOriginError(()))?;
        let bare = matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !bare || !matches!(url.scheme(), "http" | "https") {
            return Err(ParseOriginError(()));
        }
        Ok(Self(without_trailing_dot(url).origin()))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.ascii_serialization())
    }
}

/// The text is not an origin such as `https://course.example:8443`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an origin is written SCHEME://HOST or SCHEME://HOST:PORT, such as https://course.example")]
pub struct ParseOriginError(());

/// The rules of one relay.
#[derive(Debug)]
pub(crate) struct Access {
    listen: IpAddr,
    allowed: Vec<Origin>,
}

impl Access {
    pub(crate) fn new(listen: IpAddr, allowed: Vec<Origin>) -> Self {
        Self { listen, allowed }
    }

    /// Is this a `Host` that we serve? We serve `localhost`, IP addresses, and the hosts of allowed origins. If
    /// we listen on loopback only, the IP address must be a loopback one. Any other name may belong to
    /// somebody who made it point here.
    pub(crate) fn check_host(&self, host: &str) -> Result<(), Refused> {
        let url = parse_host("http", host).ok_or(Refused::Host)?;
        let served = match url.host() {
            Some(Host::Ipv4(ip)) => self.serves_address(ip.into()),
            Some(Host::Ipv6(ip)) => self.serves_address(ip.into()),
            Some(Host::Domain("localhost")) => true,
            Some(Host::Domain(name)) => self.allowed.iter().any(|origin| {
                matches!(&origin.0, url::Origin::Tuple(_, Host::Domain(allowed), _) if allowed == name)
            }),
            None => false,
        };
        if served { Ok(()) } else { Err(Refused::Host) }
    }

    fn serves_address(&self, ip: IpAddr) -> bool {
        ip.to_canonical().is_loopback() || !self.listen.is_loopback()
    }

    /// May a page of this `Origin` use us? Our own page may, and so may the allowed ones. A request without the
    /// header is from a native client, which could send any header anyway.
    pub(crate) fn check_origin(&self, origin: Option<&str>, host: &str) -> Result<(), Refused> {
        let Some(text) = origin else { return Ok(()) };
        let Ok(origin) = text.parse::<Origin>() else {
            return Err(Refused::Origin { origin: text.to_owned() });
        };
        let own = match &origin.0 {
            url::Origin::Tuple(scheme, ..) => {
                parse_host(scheme, host).is_some_and(|own| own.origin() == origin.0)
            }
            url::Origin::Opaque(_) => false,
        };
        if own || self.allowed.contains(&origin) {
            Ok(())
        } else {
            Err(Refused::Origin { origin: text.to_owned() })
        }
    }

    /// A browser leaves `Origin` out of a plain GET. Then `Sec-Fetch-Site` says whose page asked.
    pub(crate) fn check_fetch_site(site: Option<&str>) -> Result<(), Refused> {
        match site {
            None | Some("same-origin" | "none") => Ok(()),
            Some(_) => Err(Refused::FetchSite),
        }
    }
}

fn parse_host(scheme: &str, host: &str) -> Option<Url> {
    if host.contains(['/', '\\', '?', '#', '@']) {
        return None;
    }
    let url = Url::parse(&format!("{scheme}://{host}/")).ok()?;
    Some(without_trailing_dot(url))
}

/// `localhost.` is the same name as `localhost`, written as DNS writes it.
fn without_trailing_dot(mut url: Url) -> Url {
    if let Some(name) = url.domain().and_then(|name| name.strip_suffix('.')).map(str::to_owned) {
        // A name that parses with its dot also parses without it. If not, it stays as it is and matches
        // nothing.
        let _ = url.set_host(Some(&name));
    }
    url
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("this Host is not served here; use the address that the relay printed")]
    Host,
    #[error(
        "pages of the origin {origin:?} may not use this relay; --allow-origin names those that may"
    )]
    Origin { origin: String },
    #[error("a page of another site may not use this relay")]
    FetchSite,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(listen: &str, allowed: &[&str]) -> Access {
        let allowed = allowed.iter().map(|origin| origin.parse().unwrap()).collect();
        Access::new(listen.parse().unwrap(), allowed)
    }

    #[test]
    fn a_relay_on_loopback_serves_loopback_names_only() {
        let access = access("127.0.0.1", &[]);
        for host in [
            "127.0.0.1:9528",
            "127.0.0.1",
            "localhost:9528",
            "LOCALHOST",
            "localhost.",
            "[::1]:9528",
        ] {
            assert_eq!(access.check_host(host), Ok(()), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:9528",
            "192.168.1.7:9528",
            "localhost.evil.example",
            "",
            "a/b",
            "x@localhost",
            "[::1",
        ] {
            assert_eq!(access.check_host(host), Err(Refused::Host), "{host}");
        }
    }

    #[test]
    fn a_relay_on_the_network_serves_addresses_but_no_unknown_names() {
        let access = access("0.0.0.0", &["https://course.example"]);
        for host in ["192.168.1.7:9528", "localhost:9528", "[fe80::1]:9528", "course.example:443"] {
            assert_eq!(access.check_host(host), Ok(()), "{host}");
        }
        assert_eq!(access.check_host("evil.example:9528"), Err(Refused::Host));
    }

    #[test]
    fn our_own_page_may_use_us_and_so_may_native_clients() {
        let access = access("127.0.0.1", &[]);
        for (origin, host) in [
            (None, "127.0.0.1:9528"),
            (Some("http://127.0.0.1:9528"), "127.0.0.1:9528"),
            (Some("http://localhost:9528"), "localhost.:9528"),
            (Some("HTTP://LOCALHOST:9528"), "localhost:9528"),
            (Some("http://[::1]:9528"), "[::1]:9528"),
            (Some("http://localhost"), "localhost:80"),
            (Some("https://localhost"), "localhost"),
        ] {
            assert_eq!(access.check_origin(origin, host), Ok(()), "{origin:?} on {host}");
        }
    }

    #[test]
    fn pages_of_other_origins_are_refused_unless_they_were_named() {
        let access = access("127.0.0.1", &["https://course.example"]);
        let host = "127.0.0.1:9528";
        for origin in [
            "http://evil.example",
            "null",
            "",
            "http://127.0.0.1:3000",
            "http://localhost:9528",
            "https://127.0.0.1:9528.evil.example",
            "file://",
            "https://course.example:8443",
            "http://course.example",
        ] {
            assert!(access.check_origin(Some(origin), host).is_err(), "{origin:?}");
        }
        for origin in
            ["https://course.example", "https://COURSE.example", "https://course.example:443"]
        {
            assert_eq!(access.check_origin(Some(origin), host), Ok(()), "{origin:?}");
        }
    }

    #[test]
    fn what_is_not_an_origin_cannot_be_allowed() {
        for text in
            ["*", "null", "course.example", "https://course.example/path", "ftp://x", "https://u@x"]
        {
            assert!(text.parse::<Origin>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_plain_request_from_another_site_is_refused() {
        assert_eq!(Access::check_fetch_site(None), Ok(()));
        assert_eq!(Access::check_fetch_site(Some("same-origin")), Ok(()));
        assert_eq!(Access::check_fetch_site(Some("none")), Ok(()));
        assert_eq!(Access::check_fetch_site(Some("cross-site")), Err(Refused::FetchSite));
        assert_eq!(Access::check_fetch_site(Some("same-site")), Err(Refused::FetchSite));
    }
}
