//! What the headers of proxies say: who spoke to each of them, the last one last. `None`: it does not say, or nobody can
//! read it.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

pub(super) const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The nodes of `X-Forwarded-For`.
pub(super) fn x_forwarded_for(headers: &HeaderMap) -> Vec<Option<SocketAddr>> {
    lines(headers, &X_FORWARDED_FOR).flat_map(|line| line.split(',')).map(node_address).collect()
}

/// The nodes of `Forwarded`, RFC 7239.
pub(super) fn forwarded(headers: &HeaderMap) -> Vec<Option<SocketAddr>> {
    let elements = lines(headers, &header::FORWARDED).flat_map(|line| split_unquoted(line, ','));
    elements.map(|element| forwarded_for(element).and_then(node_address)).collect()
}

/// The lines of a header. One that is not text names nobody.
fn lines<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> {
    headers.get_all(name).iter().map(|line: &HeaderValue| line.to_str().unwrap_or_default())
}

/// The parts between separators that are in no quoted string, RFC 9110, section 5.6.4. After a quote that is
/// never closed comes one part that says nothing: a client might have left it open, to hide what is added.
fn split_unquoted(text: &str, separator: char) -> Vec<&str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let mut parts: Vec<&str> = text
        .split(|character| {
            let is_plain = !is_escaped;
            is_escaped = is_quoted && is_plain && character == '\\';
            if character == '"' && is_plain {
                is_quoted = !is_quoted;
            }
            character == separator && !is_quoted
        })
        .collect();
    if is_quoted {
        parts.push("");
    }
    parts
}

/// The node after `for` in an element of `Forwarded`, RFC 7239, section 4, without quotes.
fn forwarded_for(element: &str) -> Option<&str> {
    split_unquoted(element, ';').into_iter().find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let quoted = value.trim().strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        name.trim().eq_ignore_ascii_case("for").then(|| quoted.unwrap_or(value.trim()))
    })
}

/// The address of a node, RFC 7239, section 6: of IPv4, or of IPv6 in brackets, each with a port or without. In
/// `X-Forwarded-For`, IPv6 has no brackets. A port may be hidden behind a name that begins with an underscore. `None`: the
/// node is unknown, or hidden so itself.
fn node_address(node: &str) -> Option<SocketAddr> {
    let node = node.trim();
    let is_name = |port: &str| port.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    let node =
        node.split_once(":_").filter(|(_, port)| is_name(port)).map_or(node, |(node, _)| node);
    if let Ok(address) = node.parse() {
        return Some(address);
    }
    let bare = node.strip_prefix('[').and_then(|node| node.strip_suffix(']')).unwrap_or(node);
    bare.parse::<IpAddr>().ok().map(|address| SocketAddr::new(address, 0))
}
