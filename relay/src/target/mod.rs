//! What the bridge may connect to: chosen on the command line, never by a client.
//!
//! In comes the text of an option, `NAME=HOST:PORT`; out comes a connection, or why there is none.
//!
//! May use: nothing.

mod happy_eyeballs;
mod resolver;

use std::io;
#[cfg(unix)]
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use framescope_protocol::{DEMO_TARGET, PLAIN_TARGET};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio::time::timeout;
use tokio_util::either::Either;

pub(crate) use self::resolver::Resolver;

// On a system without Unix sockets this side is never used.
#[cfg(not(unix))]
use tokio::net::TcpStream as UnixStream;

/// A connection to a target: TCP on the left, a Unix socket on the right. The bridge treats them alike.
pub(crate) type TargetStream = Either<TcpStream, UnixStream>;

/// The longest path of a Unix socket, in bytes: what `sockaddr_un` holds on every Unix, less its NUL.
#[cfg(unix)]
const MAX_UNIX_PATH: usize = 103;

/// A server that the bridge may connect to, written `NAME=HOST:PORT` or `NAME=unix:/PATH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What clients call it: `/bridge/{name}`. Letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// Where it listens.
    pub address: Address,
}

/// Where a target listens.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Address {
    /// A host name or IP address and a port; IPv6 in brackets. A name is looked up for each connection.
    Tcp(String),
    /// The absolute path of a stream socket, unix(7).
    #[cfg(unix)]
    Unix(PathBuf),
}

impl Address {
    async fn connect(&self, resolver: &Resolver) -> io::Result<TargetStream> {
        match self {
            Self::Tcp(address) => {
                let addresses = resolver.resolve(address).await?;
                happy_eyeballs::connect(&addresses).await.map(Either::Left)
            }
            #[cfg(unix)]
            Self::Unix(path) => UnixStream::connect(path).await.map(Either::Right),
        }
    }
}

impl Target {
    /// Connects to the address of the host name that answers first. `limit` is for all of it.
    pub(crate) async fn connect(
        &self,
        resolver: &Resolver,
        limit: Duration,
    ) -> Result<TargetStream, ConnectError> {
        match timeout(limit, self.address.connect(resolver)).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(source)) => Err(ConnectError::Failed { name: self.name.clone(), source }),
            Err(_) => Err(ConnectError::TimedOut { name: self.name.clone(), limit }),
        }
    }
}

/// Why a target could not be reached.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("the target \"{name}\" cannot be reached: {source}")]
    Failed { name: String, source: io::Error },
    #[error("the target \"{name}\" did not answer within {limit:?}")]
    TimedOut { name: String, limit: Duration },
}

impl FromStr for Target {
    type Err = ParseTargetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, address) = text.split_once('=').ok_or(ParseTargetError::NoName)?;
        let is_name_char = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        // "." and ".." are steps in a URL's path and never reach us.
        if matches!(name, "" | "." | "..") || !name.chars().all(is_name_char) {
            return Err(ParseTargetError::BadName);
        }
        for reserved in [DEMO_TARGET, PLAIN_TARGET] {
            if name == reserved {
                return Err(ParseTargetError::Reserved { name: reserved });
            }
        }
        #[cfg(unix)]
        if let Some(path) = address.strip_prefix("unix:") {
            if !path.starts_with('/') || path.contains('\0') || path.len() > MAX_UNIX_PATH {
                return Err(ParseTargetError::BadPath);
            }
            return Ok(Self { name: name.to_owned(), address: Address::Unix(path.into()) });
        }
        let (host, port) = address.rsplit_once(':').ok_or(ParseTargetError::NoPort)?;
        let digits = port.bytes().all(|digit| digit.is_ascii_digit());
        if !digits || !port.parse::<u16>().is_ok_and(|port| port != 0) {
            return Err(ParseTargetError::NoPort);
        }
        if url::Host::parse(host).is_err() {
            return Err(ParseTargetError::BadHost);
        }
        Ok(Self { name: name.to_owned(), address: Address::Tcp(address.to_owned()) })
    }
}

/// Why a text is not a [`Target`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseTargetError {
    /// There is no `=`.
    #[error("a target is written NAME=HOST:PORT, such as echo=127.0.0.1:7000")]
    NoName,
    /// The name is empty or has a character that would need escaping in a URL.
    #[error("a target's name has letters, digits, '-', '_' and '.' only")]
    BadName,
    /// The name is taken by a built-in TCP server.
    #[error("the name \"{name}\" stands for a built-in TCP server")]
    Reserved {
        /// The name.
        name: &'static str,
    },
    /// The port is missing or not a number from 1 to 65535.
    #[error("a target ends in a port from 1 to 65535, such as echo=127.0.0.1:7000")]
    NoPort,
    /// The host is empty, or an IPv6 address without brackets.
    #[error("a target's host is a name, an IPv4 address, or an IPv6 address in brackets")]
    BadHost,
    /// The path of a Unix socket is not absolute, or too long for the system.
    #[cfg(unix)]
    #[error(
        "a target's socket is an absolute path of at most {MAX_UNIX_PATH} bytes, such as unix:/run/db.sock"
    )]
    BadPath,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_name_and_an_address() {
        for (text, name, address) in [
            ("echo=127.0.0.1:7000", "echo", "127.0.0.1:7000"),
            ("my-db_2.x=db.example:5432", "my-db_2.x", "db.example:5432"),
            ("six=[::1]:7000", "six", "[::1]:7000"),
        ] {
            let target: Target = text.parse().unwrap();
            assert_eq!(target.name, name);
            assert_eq!(target.address, Address::Tcp(address.to_owned()));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_target_may_be_a_unix_socket() {
        let target: Target = "db=unix:/run/a b=c:1.sock".parse().unwrap();
        assert_eq!(target.address, Address::Unix("/run/a b=c:1.sock".into()));
        for text in [
            "db=unix:",
            "db=unix:run/db.sock",
            "db=unix:/\0",
            &format!("db=unix:/{}", "x".repeat(103)),
        ] {
            assert_eq!(text.parse::<Target>(), Err(ParseTargetError::BadPath), "{text:?}");
        }
    }

    #[test]
    fn what_is_not_a_target_is_refused_with_its_own_reason() {
        for (text, error) in [
            ("127.0.0.1:7000", ParseTargetError::NoName),
            ("", ParseTargetError::NoName),
            ("=127.0.0.1:7000", ParseTargetError::BadName),
            ("a/b=127.0.0.1:7000", ParseTargetError::BadName),
            ("demo=127.0.0.1:7000", ParseTargetError::Reserved { name: "demo" }),
            ("demo-plain=unix:/x", ParseTargetError::Reserved { name: "demo-plain" }),
            ("echo=127.0.0.1", ParseTargetError::NoPort),
            ("echo=127.0.0.1:", ParseTargetError::NoPort),
            ("echo=127.0.0.1:0", ParseTargetError::NoPort),
            ("echo=127.0.0.1:65536", ParseTargetError::NoPort),
            ("echo=:7000", ParseTargetError::BadHost),
            ("echo=::1:7000", ParseTargetError::BadHost),
            ("echo=a b:7000", ParseTargetError::BadHost),
            ("echo=[zz:1]:80", ParseTargetError::BadHost),
            ("echo=a/b:80", ParseTargetError::BadHost),
            ("echo=a:+80", ParseTargetError::NoPort),
            ("..=a:80", ParseTargetError::BadName),
        ] {
            assert_eq!(text.parse::<Target>(), Err(error), "{text:?}");
        }
    }
}
