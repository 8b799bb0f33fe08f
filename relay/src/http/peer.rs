//! Who is at the other end of a connection, and who the client is whose request comes through it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, header};

use super::forwarded::{X_FORWARDED_FOR, forwarded, x_forwarded_for};
use super::trust::{ClientFrom, Trust};
use crate::net::CertificateName;
use crate::target::Ends;

/// The other end of a connection.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    /// `None`: it came through a Unix socket, and nobody has said who it is.
    client: Option<SocketAddr>,
    /// Where it has reached the relay, if that was asked for.
    relay: Option<SocketAddr>,
    /// What its certificate calls it, if it has sent one. It is that of the connection: a proxy has its own.
    certificate: Option<CertificateName>,
    /// Whether it is a proxy whose headers say who the client of a request is.
    is_proxy: bool,
}

impl Peer {
    /// `client` is `None` for a Unix socket.
    pub(super) fn new(client: Option<SocketAddr>, trust: &Trust) -> Self {
        let is_proxy = match client {
            Some(client) => trust.trusts(client.ip()),
            None => trust.trusts_unix(),
        };
        Self { client, relay: None, certificate: None, is_proxy }
    }

    /// Whether its connection begins with a header of the PROXY protocol.
    pub(super) fn sends_proxy_header(&self, trust: &Trust) -> bool {
        self.is_proxy && trust.from == ClientFrom::ProxyProtocol
    }

    /// Whether it speaks for many clients, so that none of its connections count as one address's.
    pub(super) const fn is_proxy(&self) -> bool {
        self.is_proxy
    }

    /// The same connection, which is a client's by the word of its proxy. `None`: it is the proxy's own.
    pub(super) fn proxied(self, ends: Option<(SocketAddr, SocketAddr)>) -> Self {
        match ends {
            Some((client, relay)) => {
                Self { client: Some(client), relay: Some(relay), is_proxy: false, ..self }
            }
            None => Self { is_proxy: false, ..self },
        }
    }

    pub(super) fn reached(self, relay: Option<SocketAddr>) -> Self {
        Self { relay: self.relay.or(relay), ..self }
    }

    pub(super) fn with_certificate(self, certificate: Option<CertificateName>) -> Self {
        Self { certificate, ..self }
    }

    /// As [`CertificateName`] has it.
    pub(super) fn certificate(&self) -> Option<&str> {
        self.certificate.as_ref().map(CertificateName::as_str)
    }

    /// The address that counts in limits and is logged. A Unix socket is this machine's.
    pub(super) fn address(&self) -> IpAddr {
        self.client.map_or(Ipv4Addr::LOCALHOST.into(), |client| client.ip())
    }

    pub(super) const fn ends(&self) -> Ends {
        Ends { client: self.client, relay: self.relay }
    }

    /// Who sent a request with these headers. Also names a header that says so and is not believed.
    pub(super) fn of_request(
        self,
        trust: &Trust,
        headers: &HeaderMap,
    ) -> (Self, Option<&'static str>) {
        let has = |name: &HeaderName| headers.contains_key(name);
        let believed = self.is_proxy.then_some(trust.from);
        let ignored = if has(&X_FORWARDED_FOR) && believed != Some(ClientFrom::XForwardedFor) {
            Some("x-forwarded-for")
        } else if has(&header::FORWARDED) && believed != Some(ClientFrom::Forwarded) {
            Some("forwarded")
        } else {
            None
        };
        let said = match believed {
            Some(ClientFrom::XForwardedFor) => x_forwarded_for(headers),
            Some(ClientFrom::Forwarded) => forwarded(headers),
            Some(ClientFrom::ProxyProtocol) | None => return (self, ignored),
        };
        // Each proxy adds at the end who spoke to it. So what stands before one that is not trusted is
        // hearsay of its client's.
        let mut client = self;
        for node in said.into_iter().rev() {
            let Some(node) = node.filter(|_| client.is_proxy) else { break };
            let is_proxy = trust.trusts(node.ip());
            client = Self { client: Some(node), is_proxy, ..client };
        }
        (client, ignored)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn trust(from: ClientFrom) -> Trust {
        let proxies = ["10.0.0.0/8", "unix"].map(|text| text.parse().unwrap());
        Trust { proxies: proxies.to_vec(), from }
    }

    /// The client of a request that came from `peer` with these header lines, and what was not believed.
    fn client(
        from: ClientFrom,
        peer: Option<&str>,
        lines: &[(&'static str, &str)],
    ) -> (String, Option<&'static str>) {
        let trust = trust(from);
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        let peer = peer.map(|peer| peer.parse().unwrap());
        let (client, ignored) = Peer::new(peer, &trust).of_request(&trust, &headers);
        (client.client.map_or_else(|| "nobody".to_owned(), |client| client.to_string()), ignored)
    }

    #[test]
    fn the_last_one_whom_no_trusted_proxy_has_added_is_the_client() {
        for (lines, said) in [
            (&["192.0.2.1"][..], "192.0.2.1:0"),
            (&["192.0.2.1, 10.1.1.1"], "192.0.2.1:0"),
            (&["192.0.2.1", "10.1.1.1"], "192.0.2.1:0"),
            // A client may write what it likes in front.
            (&["198.51.100.9, 192.0.2.1"], "192.0.2.1:0"),
            (&["10.9.9.9, 192.0.2.1, 10.1.1.1"], "192.0.2.1:0"),
            (&["10.9.9.9, 10.1.1.1"], "10.9.9.9:0"),
            (&["192.0.2.1:4711"], "192.0.2.1:4711"),
            (&["2001:db8::1"], "[2001:db8::1]:0"),
            (&["[2001:db8::1]:4711"], "[2001:db8::1]:4711"),
            // What nobody can read says nothing, and nothing before it counts.
            (&["192.0.2.1, nonsense"], "10.0.0.1:80"),
            (&["192.0.2.1,"], "10.0.0.1:80"),
            (&[""], "10.0.0.1:80"),
            (&["192.0.2.1, nonsense, 10.1.1.1"], "10.1.1.1:0"),
        ] {
            let lines: Vec<_> = lines.iter().map(|line| ("x-forwarded-for", *line)).collect();
            let got = client(ClientFrom::XForwardedFor, Some("10.0.0.1:80"), &lines);
            assert_eq!(got, (said.to_owned(), None), "{lines:?}");
        }
    }

    #[test]
    fn forwarded_is_read_as_rfc_7239_writes_it() {
        for (lines, said) in [
            (&["for=192.0.2.43"][..], "192.0.2.43:0"),
            (&["For=\"[2001:db8:cafe::17]:4711\""], "[2001:db8:cafe::17]:4711"),
            (&["for=192.0.2.60;proto=http;by=203.0.113.43"], "192.0.2.60:0"),
            (&["for=192.0.2.43, for=198.51.100.17"], "198.51.100.17:0"),
            (&["for=192.0.2.43", "for=10.2.2.2;host=\"a,b;c\\\"\""], "192.0.2.43:0"),
            (&["for=\"192.0.2.43:_hidden\""], "192.0.2.43:0"),
            (&["for=\"[2001:db8::17]:_a.b-c\""], "[2001:db8::17]:0"),
            (&["for=192.0.2.43, for=unknown"], "10.0.0.1:80"),
            (&["for=192.0.2.43, for=\"_gazonk\""], "10.0.0.1:80"),
            (&["for=192.0.2.43, by=10.1.1.1"], "10.0.0.1:80"),
            // A client has left a quote open, and its proxy has added who it is.
            (&["for=192.0.2.43;x=\", for=198.51.100.17"], "10.0.0.1:80"),
            (&["for=192.0.2.43;x=\", for=\"[2001:db8::1]\""], "10.0.0.1:80"),
        ] {
            let lines: Vec<_> = lines.iter().map(|line| ("forwarded", *line)).collect();
            let got = client(ClientFrom::Forwarded, Some("10.0.0.1:80"), &lines);
            assert_eq!(got, (said.to_owned(), None), "{lines:?}");
        }
    }

    #[test]
    fn what_nobody_trusted_says_changes_nothing_and_is_named() {
        let xff = ("x-forwarded-for", "192.0.2.1");
        let forwarded = ("forwarded", "for=192.0.2.2");
        for (from, peer, lines, said, ignored) in [
            (
                ClientFrom::XForwardedFor,
                Some("203.0.113.1:9"),
                &[xff][..],
                "203.0.113.1:9",
                Some("x-forwarded-for"),
            ),
            (
                ClientFrom::XForwardedFor,
                Some("203.0.113.1:9"),
                &[forwarded],
                "203.0.113.1:9",
                Some("forwarded"),
            ),
            (ClientFrom::XForwardedFor, Some("203.0.113.1:9"), &[], "203.0.113.1:9", None),
            // The proxy has passed on what its client wrote.
            (
                ClientFrom::XForwardedFor,
                Some("10.0.0.1:9"),
                &[xff, forwarded],
                "192.0.2.1:0",
                Some("forwarded"),
            ),
            (
                ClientFrom::Forwarded,
                Some("10.0.0.1:9"),
                &[xff, forwarded],
                "192.0.2.2:0",
                Some("x-forwarded-for"),
            ),
            (
                ClientFrom::ProxyProtocol,
                Some("10.0.0.1:9"),
                &[xff],
                "10.0.0.1:9",
                Some("x-forwarded-for"),
            ),
            (ClientFrom::XForwardedFor, None, &[xff], "192.0.2.1:0", None),
            (ClientFrom::XForwardedFor, None, &[], "nobody", None),
        ] {
            assert_eq!(
                client(from, peer, lines),
                (said.to_owned(), ignored),
                "{from} {peer:?} {lines:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_client_that_writes_before_a_proxy_chooses_its_own_address(
            written in "[ -~]{0,40}",
            from in prop::sample::select(vec![ClientFrom::XForwardedFor, ClientFrom::Forwarded]),
        ) {
            let (name, added) = match from {
                ClientFrom::Forwarded => ("forwarded", "for=192.0.2.1"),
                ClientFrom::XForwardedFor | ClientFrom::ProxyProtocol => ("x-forwarded-for", "192.0.2.1"),
            };
            let (said, _) = client(from, Some("10.0.0.1:9"), &[(name, &written), (name, added)]);
            prop_assert_eq!(said, "192.0.2.1:0");
            // Added to the same line, it may become unreadable. Then the proxy is all that is known.
            let line = format!("{written}, {added}");
            let (said, _) = client(from, Some("10.0.0.1:9"), &[(name, &line)]);
            prop_assert!(said == "192.0.2.1:0" || said == "10.0.0.1:9", "{said}");
        }
    }
}
