//! Which proxies in front are believed when they say who the client is, and in what way they say it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

/// Proxies whose word counts: an address, a network in CIDR notation (RFC 4632), or `unix`, whoever comes in
/// through a Unix socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrustedProxy {
    /// All addresses of a network.
    Network(IpNet),
    /// Whoever may open the relay's Unix socket.
    Unix,
}

impl FromStr for TrustedProxy {
    type Err = ParseTrustedProxyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "unix" {
            return Ok(Self::Unix);
        }
        let network = match text.parse::<IpAddr>() {
            Ok(address) => IpNet::from(address.to_canonical()),
            Err(_) => text.parse().map_err(|_| ParseTrustedProxyError(()))?,
        };
        // A bit after the prefix is set: two networks could be meant.
        if network.trunc() == network {
            Ok(Self::Network(network))
        } else {
            Err(ParseTrustedProxyError(()))
        }
    }
}

/// The text is no [`TrustedProxy`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a trusted proxy is an IP address, a network such as 10.0.0.0/8, or unix")]
pub struct ParseTrustedProxyError(());

/// How trusted proxies say who the client is. All of them say it in the same way: a proxy passes on what it
/// does not know, so a header that it does not write itself is the client's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientFrom {
    /// `X-Forwarded-For`, to which each proxy adds who it was spoken to by.
    #[default]
    XForwardedFor,
    /// `Forwarded`, RFC 7239.
    Forwarded,
    /// A header of the PROXY protocol, version 1 or 2, before anything else on the connection.
    ProxyProtocol,
}

impl ClientFrom {
    const ALL: [Self; 3] = [Self::XForwardedFor, Self::Forwarded, Self::ProxyProtocol];
}

impl fmt::Display for ClientFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
            Self::ProxyProtocol => "proxy-protocol",
        })
    }
}

impl FromStr for ClientFrom {
    type Err = ParseClientFromError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known =
            Self::ALL.into_iter().find(|known| known.to_string().eq_ignore_ascii_case(text));
        known.ok_or(ParseClientFromError(()))
    }
}

/// The text is no [`ClientFrom`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("proxies say who the client is with x-forwarded-for, forwarded or proxy-protocol")]
pub struct ParseClientFromError(());

/// The proxies of one relay.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trust {
    pub(crate) proxies: Vec<TrustedProxy>,
    pub(crate) from: ClientFrom,
}

impl Trust {
    pub(super) fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.proxies.iter().any(|proxy| match proxy {
            TrustedProxy::Network(network) => network.contains(&address),
            TrustedProxy::Unix => false,
        })
    }

    pub(super) fn trusts_unix(&self) -> bool {
        self.proxies.contains(&TrustedProxy::Unix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_an_address_or_a_network_or_whoever_opens_our_socket() {
        let proxies = ["192.0.2.1", "10.0.0.0/8", "2001:db8::/32", "::ffff:198.51.100.1"];
        let proxies = proxies.map(|text| text.parse().unwrap());
        let trust = Trust { proxies: proxies.to_vec(), ..Trust::default() };
        for (address, is_trusted) in [
            ("192.0.2.1", true),
            ("192.0.2.2", false),
            ("10.255.0.1", true),
            ("::ffff:10.1.2.3", true),
            ("11.0.0.1", false),
            ("2001:db8:1::1", true),
            ("2001:db9::1", false),
            ("198.51.100.1", true),
        ] {
            assert_eq!(trust.trusts(address.parse().unwrap()), is_trusted, "{address}");
        }
        assert!(!trust.trusts_unix());
        assert_eq!("unix".parse(), Ok(TrustedProxy::Unix));
    }

    #[test]
    fn what_could_be_two_networks_is_none() {
        for text in ["", "10.0.0.1/8", "10.0.0.0/33", "example.com", "10.0.0", "unix:/run/x", " "] {
            assert!(text.parse::<TrustedProxy>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_way_to_say_it_has_one_name() {
        for known in ClientFrom::ALL {
            assert_eq!(known.to_string().parse(), Ok(known));
        }
        assert_eq!("X-Forwarded-For".parse(), Ok(ClientFrom::XForwardedFor));
        assert!("x-real-ip".parse::<ClientFrom>().is_err());
    }
}
