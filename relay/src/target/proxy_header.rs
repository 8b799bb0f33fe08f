//! The header of the PROXY protocol, version 2, that tells a target who the client is.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use proxy_header::{ProxiedAddress, ProxyHeader};

/// Where a client's connection begins and ends. `None`: at a Unix socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ends {
    /// The client. Port 0: a proxy has named its address alone.
    pub(crate) client: Option<SocketAddr>,
    /// Where it has reached the relay.
    pub(crate) relay: Option<SocketAddr>,
}

/// The header for a target. If nobody knows the client, it says that the connection is the relay's own. Where a known
/// client has reached a Unix socket, its other end is the address that means none.
pub(super) fn proxy_header(ends: Ends) -> Vec<u8> {
    let header = match ends.client {
        Some(client) => {
            let none = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
            let (source, destination) = match ends.relay {
                Some(relay) => in_one_family(client, relay),
                None if client.ip().to_canonical().is_ipv4() => in_one_family(client, none),
                None => (client, (Ipv6Addr::UNSPECIFIED, 0).into()),
            };
            ProxyHeader::with_address(ProxiedAddress::stream(source, destination))
        }
        None => ProxyHeader::with_local(),
    };
    let mut bytes = Vec::new();
    header.encode_v2(&mut bytes).expect("addresses of one family and nothing else have a header");
    bytes
}

/// The header has addresses of one family: IPv4 if both can be written so, or else IPv6.
fn in_one_family(one: SocketAddr, other: SocketAddr) -> (SocketAddr, SocketAddr) {
    let canonical = [one, other].map(|end| SocketAddr::new(end.ip().to_canonical(), end.port()));
    if canonical[0].is_ipv4() == canonical[1].is_ipv4() {
        return canonical.into();
    }
    let mapped = canonical.map(|end| match end {
        SocketAddr::V4(v4) => SocketAddr::from((v4.ip().to_ipv6_mapped(), v4.port())),
        SocketAddr::V6(v6) => SocketAddr::from((Ipv6Addr::from(v6.ip().octets()), v6.port())),
    });
    mapped.into()
}

#[cfg(test)]
mod tests {
    use proxy_header::ParseConfig;

    use super::*;

    #[test]
    fn a_header_says_both_ends_in_one_family() {
        for (client, relay, said) in [
            ("192.0.2.1:9", "127.0.0.1:1", "192.0.2.1:9 127.0.0.1:1"),
            ("[2001:db8::1]:9", "[::1]:1", "[2001:db8::1]:9 [::1]:1"),
            ("[::ffff:192.0.2.1]:9", "[::ffff:127.0.0.1]:1", "192.0.2.1:9 127.0.0.1:1"),
            ("192.0.2.1:0", "[::1]:1", "[::ffff:192.0.2.1]:0 [::1]:1"),
            ("192.0.2.1:0", "a Unix socket", "192.0.2.1:0 0.0.0.0:0"),
            ("[::ffff:192.0.2.1]:0", "a Unix socket", "192.0.2.1:0 0.0.0.0:0"),
            ("[2001:db8::1]:9", "a Unix socket", "[2001:db8::1]:9 [::]:0"),
        ] {
            let [client, relay] = [client, relay].map(|end| end.parse().ok());
            let bytes = proxy_header(Ends { client, relay });
            let (header, length) = ProxyHeader::parse(&bytes, ParseConfig::default()).unwrap();
            let address = header.proxied_address().unwrap();
            assert_eq!(format!("{} {}", address.source, address.destination), said);
            assert_eq!(length, bytes.len());
        }
    }

    #[test]
    fn an_end_that_nobody_knows_is_not_made_up() {
        let bytes = proxy_header(Ends { client: None, relay: "127.0.0.1:1".parse().ok() });
        let (header, _) = ProxyHeader::parse(&bytes, ParseConfig::default()).unwrap();
        assert_eq!(header.proxied_address(), None);
    }
}
