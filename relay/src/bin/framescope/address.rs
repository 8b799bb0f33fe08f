//! Addresses on the command line.

use std::net::SocketAddr;

/// An address to listen on.
pub(crate) fn parse_address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "an IP address and a port, such as 127.0.0.1:9528 or [::1]:9528".to_owned())
}
