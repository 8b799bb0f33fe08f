//! Who may use the relay: the rules for the `Host` and `Origin` headers of a request.
//!
//! A browser lets any page open a WebSocket to any address, also to this laptop. It says in `Origin` which
//! page it was (RFC 6455, section 10.2). A page can also make its own host name point here (DNS rebinding).
//! Then `Host` still has that name. So both are checked.

use std::net::{IpAddr, SocketAddr};

use url::{Host, Url};

use super::origin::{Origin, without_trailing_dot};

/// The rules of one relay.
#[derive(Debug)]
pub(crate) struct Access {
    /// Whether other machines may reach us.
    is_open: bool,
    allowed: Vec<Origin>,
}

impl Access {
    pub(crate) const fn new(is_open: bool, allowed: Vec<Origin>) -> Self {
        Self { is_open, allowed }
    }

    /// Is this a `Host` that we serve? We serve `localhost`, IP addresses, and the hosts of allowed origins. If
    /// we listen on loopback only, the IP address must be a loopback one. Any other name may belong to
    /// somebody who made it point here.
    pub(crate) fn check_host(&self, host: &str) -> Result<(), Refused> {
        // Most clients write an address, and this reads it in a tenth of the time.
        if let Some(address) = plain_address(host)
            && self.serves_address(address)
        {
            return Ok(());
        }
        let refused = || Refused::Host { host: host.to_owned() };
        let url = parse_host(host).ok_or_else(refused)?;
        let served = match url.host() {
            Some(Host::Ipv4(ip)) => self.serves_address(ip.into()),
            Some(Host::Ipv6(ip)) => self.serves_address(ip.into()),
            Some(Host::Domain(name)) => {
                let name = without_trailing_dot(name);
                name == "localhost" || self.allowed.iter().any(|origin| origin.has_host(name))
            }
            None => false,
        };
        if served { Ok(()) } else { Err(refused()) }
    }

    fn serves_address(&self, ip: IpAddr) -> bool {
        self.is_open || ip.to_canonical().is_loopback()
    }

    /// May a page of this `Origin` use us? Our own page may, and so may the allowed ones. A request without the
    /// header is from a native client, which could send any header anyway.
    pub(crate) fn check_origin(&self, origin: Option<&str>, host: &str) -> Result<(), Refused> {
        let Some(text) = origin else { return Ok(()) };
        let refused = || Refused::Origin { origin: text.to_owned() };
        let origin = Origin::sent(text).ok_or_else(refused)?;
        // Our page may have come by TLS, which a proxy in front has ended.
        let own = ["http", "https"].into_iter().any(|scheme| {
            let own = Origin::sent(&format!("{scheme}://{host}"));
            own.is_some_and(|own| own.takes(&origin))
        });
        if own || self.allowed.iter().any(|allowed| allowed.takes(&origin)) {
            Ok(())
        } else {
            Err(refused())
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

/// An address with a port or without, in the plainest way to write it.
fn plain_address(host: &str) -> Option<IpAddr> {
    host.parse::<SocketAddr>().map(|address| address.ip()).or_else(|_| host.parse()).ok()
}

fn parse_host(host: &str) -> Option<Url> {
    if host.contains(['/', '\\', '?', '#', '@']) {
        return None;
    }
    Url::parse(&format!("http://{host}/")).ok()
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error(
        "the Host {host:?} is not served here; use the address that the relay printed, or serve it with \
         --allow-origin and its origin"
    )]
    Host { host: String },
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

    fn access(is_open: bool, allowed: &[&str]) -> Access {
        let allowed = allowed.iter().map(|origin| origin.parse().unwrap()).collect();
        Access::new(is_open, allowed)
    }

    #[test]
    fn a_relay_on_loopback_serves_loopback_names_only() {
        let access = access(false, &[]);
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
            let refused = Refused::Host { host: host.to_owned() };
            assert_eq!(access.check_host(host), Err(refused), "{host}");
        }
    }

    #[test]
    fn a_relay_on_the_network_serves_addresses_but_no_unknown_names() {
        let access = access(true, &["https://course.example"]);
        for host in ["192.168.1.7:9528", "localhost:9528", "[fe80::1]:9528", "course.example:443"] {
            assert_eq!(access.check_host(host), Ok(()), "{host}");
        }
        assert!(access.check_host("evil.example:9528").is_err());
    }

    #[test]
    fn our_own_page_may_use_us_and_so_may_native_clients() {
        let access = access(false, &[]);
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
        let access = access(false, &["https://course.example"]);
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
    fn a_plain_request_from_another_site_is_refused() {
        assert_eq!(Access::check_fetch_site(None), Ok(()));
        assert_eq!(Access::check_fetch_site(Some("same-origin")), Ok(()));
        assert_eq!(Access::check_fetch_site(Some("none")), Ok(()));
        assert_eq!(Access::check_fetch_site(Some("cross-site")), Err(Refused::FetchSite));
        assert_eq!(Access::check_fetch_site(Some("same-site")), Err(Refused::FetchSite));
    }
}
