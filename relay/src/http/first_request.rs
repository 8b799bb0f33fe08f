//! The first request of a connection. Most connections come for the bridge, with a handshake that leaves nothing
//! to ask: it is read here, and answered without the library for HTTP. All others go there, with the bytes that
//! were read.
//!
//! A library that serves any request on any connection has buffers, tasks and timers for each. A session that
//! goes around it opens in two thirds of the time.

use std::io;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, Version, header};
use bytes::{Bytes, BytesMut};
use framescope_protocol::paths;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::proxy_protocol::may_be_proxy_header;

/// The most bytes that the head of a request may have: 16 KiB.
pub(super) const MAX_HEAD: usize = 16 * 1024;

/// How a request for the bridge begins.
const START: &[u8] = b"GET /bridge/";

/// How many bytes are asked for first. A browser's handshake has half of it.
const FIRST_READ: usize = 1024;

/// The most header lines of a handshake, as in hyper.
const MAX_HEADERS: usize = 100;

/// What a connection begins with.
#[expect(clippy::large_enum_variant, reason = "it is taken apart where it is returned")]
pub(super) enum First {
    /// A handshake for the bridge, and what came after it.
    Bridge(Request<()>, Bytes),
    /// Something else, or its beginning.
    Other(Bytes),
}

/// Reads until it is known what this is. The caller sets the time limit.
pub(super) async fn read_first(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<First> {
    let mut read = BytesMut::with_capacity(FIRST_READ);
    let mut searched = 0;
    loop {
        let length = stream.read_buf(&mut read).await?;
        if length > 0 && may_be_proxy_header(&read) {
            continue;
        }
        if length == 0 || !may_be_bridge(&read) || read.len() > MAX_HEAD {
            return Ok(First::Other(read.freeze()));
        }
        // The end of a head may be cut between two reads.
        let end = memchr::memmem::find(&read[searched..], b"\r\n\r\n");
        if end.is_some() {
            return Ok(parse(read.freeze()));
        }
        searched = read.len().saturating_sub(3);
    }
}

/// Whether these are, or may become, the first bytes of a handshake for the bridge.
fn may_be_bridge(read: &[u8]) -> bool {
    let length = read.len().min(START.len());
    read[..length] == START[..length]
}

fn parse(read: Bytes) -> First {
    match handshake(&read) {
        Some((head, length)) => First::Bridge(head, read.slice(length..)),
        None => First::Other(read),
    }
}

/// The handshake at the beginning of these bytes, and its length. `None`: it is none, or not a plain one.
fn handshake(read: &Bytes) -> Option<(Request<()>, usize)> {
    let mut lines = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut lines);
    let httparse::Status::Complete(length) = parsed.parse(read).ok()? else { return None };
    let path = parsed.path?;
    // The name of a target needs no escapes.
    let name = path.strip_prefix(paths::BRIDGE)?.split('?').next().unwrap_or_default();
    if name.is_empty() || name.contains(['/', '%']) {
        return None;
    }
    if parsed.version != Some(1) {
        return None;
    }
    let mut headers = HeaderMap::with_capacity(parsed.headers.len());
    for line in parsed.headers.iter() {
        let name = HeaderName::from_bytes(line.name.as_bytes()).ok()?;
        let value = HeaderValue::from_maybe_shared(read.slice_ref(line.value)).ok()?;
        headers.append(name, value);
    }
    let has_body = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::EXPECT];
    if !headers.contains_key(header::UPGRADE) || has_body.iter().any(|it| headers.contains_key(it))
    {
        return None;
    }
    let mut head = Request::new(());
    *head.method_mut() = Method::GET;
    *head.version_mut() = Version::HTTP_11;
    *head.uri_mut() = Uri::from_maybe_shared(read.slice_ref(path.as_bytes())).ok()?;
    *head.headers_mut() = headers;
    Some((head, length))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HANDSHAKE: &str = "GET /bridge/demo?recv=5 HTTP/1.1\r\nHost: localhost\r\n\
        Connection: Upgrade\r\nupgrade: websocket\r\n\r\n";

    /// What two reads begin with.
    async fn first(one: &[u8], other: &[u8]) -> First {
        read_first(&mut one.chain(other)).await.unwrap()
    }

    #[tokio::test]
    async fn a_handshake_for_the_bridge_is_read_whatever_its_reads() {
        let bytes = [HANDSHAKE.as_bytes(), b"\x82\x80"].concat();
        for at in 1..bytes.len() {
            let First::Bridge(head, rest) = first(&bytes[..at], &bytes[at..]).await else {
                panic!("cut at {at}");
            };
            assert_eq!(head.uri(), "/bridge/demo?recv=5");
            assert_eq!(head.headers()["upgrade"], "websocket");
            let came = at.saturating_sub(HANDSHAKE.len());
            let all = if at < HANDSHAKE.len() { 2 } else { came };
            assert_eq!(rest.len(), all, "cut at {at}");
        }
    }

    #[test]
    fn the_bridge_is_where_it_begins() {
        assert_eq!(START, format!("GET {}", paths::BRIDGE).as_bytes());
    }

    #[tokio::test]
    async fn all_else_keeps_its_bytes() {
        let long = format!("GET /bridge/{} HTTP/1.1\r\n", "x".repeat(20_000));
        let lines = "X: y\r\n".repeat(101);
        for text in [
            "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET /bridge/demo HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "G",
            "",
            "GET /bridge/demo HTTP/1.0\r\nHost: localhost\r\nUpgrade: websocket\r\n\r\n",
            "GET /bridge/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\r\n",
            "GET /bridge/a/b HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\r\n",
            "GET /bridge/%64emo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\r\n",
            "GET /bridge/demo HTTP/1.1\r\nUpgrade: websocket\r\nContent-Length: 1\r\n\r\nx",
            "GET /bridge/demo HTTP/1.1\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked\r\n\r\n",
            "GET /bridge/demo HTTP/1.1\r\nUpgrade: websocket\r\nbad header\r\n\r\n",
            "GET /bridge/demo HTTP/1.1\r\nUpgrade : websocket\r\n\r\n",
            "POST /bridge/demo HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
            &format!("GET /bridge/demo HTTP/1.1\r\nUpgrade: websocket\r\n{lines}\r\n"),
            &long,
        ] {
            let First::Other(read) = first(text.as_bytes(), b"").await else { panic!("{text}") };
            assert_eq!(read, text.as_bytes());
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_kept(bytes in prop::collection::vec(any::<u8>(), 0..300), is_bridge: bool) {
            let start: &[u8] = if is_bridge { b"GET /bridge/" } else { b"" };
            let bytes = [start, &bytes].concat();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            match runtime.block_on(first(&bytes, b"")) {
                First::Other(read) => prop_assert_eq!(read, bytes),
                First::Bridge(_, rest) => prop_assert!(bytes.ends_with(&rest)),
            }
        }
    }
}
