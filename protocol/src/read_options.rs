//! The options of a bridge session. A client sets them in the query of the URL.

use std::fmt;
use std::time::Duration;

use framescope_record::MAX_RECV;

use crate::paths;

/// The longest delay between two reads, in milliseconds: one minute.
pub const MAX_DELAY_MS: u32 = 60_000;

/// How a session reads from its target, in a query: `?recv=1024&delay_ms=0&nodelay=1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// The most bytes that one `recv()` asks for, 1 to [`MAX_RECV`].
    pub recv: u32,
    /// The shortest time between two `recv()`, in milliseconds, 0 to [`MAX_DELAY_MS`].
    pub delay_ms: u32,
    /// Whether `TCP_NODELAY` is set on the connection to the target.
    pub nodelay: bool,
}

/// The options of a session whose query names none: 64 KiB, no delay, `TCP_NODELAY` on.
impl Default for ReadOptions {
    fn default() -> Self {
        Self { recv: 64 * 1024, delay_ms: 0, nodelay: true }
    }
}

impl ReadOptions {
    /// The page's default options: `recv(1024)`, as in most courses.
    pub const PAGE_DEFAULT: Self = Self { recv: 1024, delay_ms: 0, nodelay: true };

    /// The delay between two reads.
    #[must_use]
    pub const fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms as u64)
    }

    /// Parses the query of a URL. An option that is not in it has its default value.
    ///
    /// # Errors
    ///
    /// [`ParseReadOptionsError`] for the first option that is unknown or out of bounds.
    pub fn parse(query: &str) -> Result<Self, ParseReadOptionsError> {
        let mut options = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "recv" => {
                    options.recv = Self::parse_recv(&value).ok_or(ParseReadOptionsError::Recv)?;
                }
                "delay_ms" => {
                    options.delay_ms =
                        Self::parse_delay(&value).ok_or(ParseReadOptionsError::Delay)?;
                }
                "nodelay" => {
                    options.nodelay =
                        Self::parse_nodelay(&value).ok_or(ParseReadOptionsError::Nodelay)?;
                }
                // A relay that asks for one has taken it out. Others do not mind it: a client may send it to all.
                "token" => {}
                _ => return Err(ParseReadOptionsError::Unknown),
            }
        }
        Ok(options)
    }

    /// Parses the value of `recv`. `None` if it is out of bounds.
    #[must_use]
    pub fn parse_recv(text: &str) -> Option<u32> {
        text.parse().ok().filter(|recv| (1..=MAX_RECV).contains(recv))
    }

    /// Parses the value of `delay_ms`. `None` if it is out of bounds.
    #[must_use]
    pub fn parse_delay(text: &str) -> Option<u32> {
        text.parse().ok().filter(|ms| *ms <= MAX_DELAY_MS)
    }

    /// Parses the value of `nodelay`. `None` if it is neither 0 nor 1.
    #[must_use]
    pub fn parse_nodelay(text: &str) -> Option<bool> {
        match text {
            "1" => Some(true),
            "0" => Some(false),
            _ => None,
        }
    }

    /// The path and query of a session with these options.
    #[must_use]
    pub fn bridge_path(&self, target: &str) -> String {
        let Self { recv, delay_ms, nodelay } = *self;
        let (bridge, nodelay) = (paths::BRIDGE, u8::from(nodelay));
        format!("{bridge}{target}?recv={recv}&delay_ms={delay_ms}&nodelay={nodelay}")
    }
}

/// Why a query was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseReadOptionsError {
    /// `recv` is out of bounds.
    Recv,
    /// `delay_ms` is out of bounds.
    Delay,
    /// `nodelay` is neither 0 nor 1.
    Nodelay,
    /// The query has an option that does not exist.
    Unknown,
}

impl fmt::Display for ParseReadOptionsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recv => write!(f, "recv is a number of bytes from 1 to {MAX_RECV}"),
            Self::Delay => {
                write!(f, "delay_ms is a number of milliseconds from 0 to {MAX_DELAY_MS}")
            }
            Self::Nodelay => write!(f, "nodelay is 0 or 1"),
            Self::Unknown => {
                write!(f, "a bridge knows recv, delay_ms and nodelay, and nothing else")
            }
        }
    }
}

impl std::error::Error for ParseReadOptionsError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_sets_the_options() {
        assert_eq!(ReadOptions::parse(""), Ok(ReadOptions::default()));
        assert_eq!(
            ReadOptions::parse("recv=5&delay_ms=250&nodelay=0"),
            Ok(ReadOptions { recv: 5, delay_ms: 250, nodelay: false }),
        );
        assert_eq!(ReadOptions::parse("token=a&recv=5"), ReadOptions::parse("recv=5"));
    }

    #[test]
    fn options_out_of_bounds_are_refused() {
        for (query, error) in [
            ("recv=0", ParseReadOptionsError::Recv),
            ("recv=1048577", ParseReadOptionsError::Recv),
            ("recv=-1", ParseReadOptionsError::Recv),
            ("recv=", ParseReadOptionsError::Recv),
            ("delay_ms=60001", ParseReadOptionsError::Delay),
            ("delay_ms=1.5", ParseReadOptionsError::Delay),
            ("nodelay=yes", ParseReadOptionsError::Nodelay),
            ("rcv=5", ParseReadOptionsError::Unknown),
        ] {
            assert_eq!(ReadOptions::parse(query), Err(error), "{query}");
        }
    }

    #[test]
    fn the_bridge_path_has_the_options_in_its_query() {
        let options = ReadOptions { recv: 5, delay_ms: 0, nodelay: true };
        let path = options.bridge_path("demo");
        assert_eq!(path, "/bridge/demo?recv=5&delay_ms=0&nodelay=1");
        let (_, query) = path.split_once('?').expect("the path has a query");
        assert_eq!(ReadOptions::parse(query), Ok(options));
    }
}
