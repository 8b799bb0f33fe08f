//! The header of the PROXY protocol, in which a proxy in front says who its client is, before anything else.

use std::io;
use std::net::SocketAddr;

use proxy_header::{ParseConfig, ProxyHeader};
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// How a header of version 1 begins, and one of version 2.
const V1: &[u8] = b"PROXY ";
const V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// The longest header of version 1, in bytes, and its shortest.
const MAX_V1: usize = 107;
const MIN_V1: usize = 15;

/// A header of version 2 without its addresses, in bytes.
const V2_HEAD: usize = 16;

/// The longest header of version 2 that is read, in bytes. Certificates and names may follow its addresses.
const MAX_V2: usize = 4096;

/// Whether a connection begins so.
pub(super) fn is_proxy_header(first: &[u8]) -> bool {
    first.starts_with(V1) || first.starts_with(V2)
}

/// Whether a connection may begin so, when more of it has come.
pub(super) fn may_be_proxy_header(first: &[u8]) -> bool {
    [V1, V2].iter().any(|start| start.len() > first.len() && start.starts_with(first))
}

/// Reads the header, and no byte after it. Returns the client, and where it has reached the proxy. `None`: the
/// proxy speaks for itself, as in a health check.
///
/// # Errors
///
/// There is another thing than a header, or the connection ends in it.
pub(super) async fn read_proxy_header(
    stream: &mut (impl AsyncRead + Unpin),
) -> io::Result<Option<(SocketAddr, SocketAddr)>> {
    let mut header = vec![0; MIN_V1];
    stream.read_exact(&mut header).await?;
    if header.starts_with(V2) {
        header.push(stream.read_u8().await?);
        let length = u16::from_be_bytes([header[V2_HEAD - 2], header[V2_HEAD - 1]]);
        let whole = V2_HEAD + usize::from(length);
        if whole > MAX_V2 {
            return Err(io::Error::other("its header is too long"));
        }
        header.resize(whole, 0);
        stream.read_exact(&mut header[V2_HEAD..]).await?;
    } else if header.starts_with(V1) {
        // Its end can only be seen by reading to it.
        while !header.ends_with(b"\r\n") && header.len() < MAX_V1 {
            header.push(stream.read_u8().await?);
        }
    }
    let (parsed, length) =
        ProxyHeader::parse(&header, ParseConfig::default()).map_err(io::Error::other)?;
    if length != header.len() {
        return Err(io::Error::other("its header goes on after its end"));
    }
    Ok(parsed.proxied_address().map(|address| (address.source, address.destination)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a header says, and what is left after it.
    async fn read(bytes: &[u8]) -> io::Result<(Option<String>, Vec<u8>)> {
        let mut rest = bytes;
        let ends = read_proxy_header(&mut rest).await?;
        Ok((ends.map(|(client, relay)| format!("{client} {relay}")), rest.to_vec()))
    }

    fn v2(command: u8, family: u8, length: u16, rest: &[u8]) -> Vec<u8> {
        [V2, &[command, family], &length.to_be_bytes(), rest].concat()
    }

    #[tokio::test]
    async fn a_header_of_both_versions_says_who_the_client_is() {
        let v4 = [192, 0, 2, 1, 10, 0, 0, 1, 0x12, 0x67, 0, 80];
        for (header, said) in [
            (
                b"PROXY TCP4 192.0.2.1 10.0.0.1 4711 80\r\n".to_vec(),
                Some("192.0.2.1:4711 10.0.0.1:80"),
            ),
            (
                b"PROXY TCP6 2001:db8::1 ::1 4711 80\r\n".to_vec(),
                Some("[2001:db8::1]:4711 [::1]:80"),
            ),
            (b"PROXY UNKNOWN\r\n".to_vec(), None),
            (b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n".to_vec(), None),
            (v2(0x21, 0x11, 12, &v4), Some("192.0.2.1:4711 10.0.0.1:80")),
            // Further fields follow the addresses.
            (
                v2(0x21, 0x11, 19, &[&v4[..], &[4, 0, 4, 0, 0, 0, 0]].concat()),
                Some("192.0.2.1:4711 10.0.0.1:80"),
            ),
            (v2(0x20, 0, 0, b""), None),
        ] {
            let bytes = [&header[..], b"GET"].concat();
            let read = read(&bytes).await.unwrap();
            assert_eq!(read, (said.map(str::to_owned), b"GET".to_vec()), "{header:?}");
            assert!(is_proxy_header(&header));
        }
    }

    #[tokio::test]
    async fn what_is_no_header_is_an_error() {
        for bytes in [
            &b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"[..],
            b"PROXY TCP4 192.0.2.1 10.0.0.1 4711\r\n",
            b"PROXY TCP4 192.0.2.1 10.0.0.1 4711 80\n\n\n",
            b"PROXY TCP4 192.0.2.1 10.0.0.1 4711 80",
            b"PROXY TCP9 192.0.2.1 10.0.0.1 4711 80\r\n",
            &[b"PROXY ".to_vec(), vec![b'x'; 200]].concat(),
            &v2(0x21, 0x11, 4, &[0; 4]),
            &v2(0x21, 0x11, 65535, &[0; 4]),
            &v2(0x31, 0x11, 12, &[0; 12]),
            b"",
        ] {
            assert!(read(bytes).await.is_err(), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_header_or_an_error_and_no_more_is_read_than_a_header_has(
            start in prop::sample::select(vec![&b""[..], b"PROXY TCP4 ", b"PROXY TCP6 ", V2]),
            rest in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let bytes = [start, &rest].concat();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            if let Ok((_, left)) = runtime.block_on(read(&bytes)) {
                prop_assert!(bytes.len() - left.len() <= MAX_V2);
            }
        }
    }
}
