//! What a client may set for its own bridge session, in the query of `/bridge/{target}`.

use std::time::Duration;

use framescope_framing::HeaderFormat;
use framescope_record::Bridge;
use url::form_urlencoded;

/// The largest `recv` in bytes: 1 MiB.
const MAX_RECV: usize = 1024 * 1024;
/// The largest `delay_ms`: one minute.
const MAX_DELAY_MS: u64 = 60_000;

/// How a session reads from its target: `?recv=1024&delay_ms=0&nodelay=1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Levers {
    /// The most bytes that one `recv()` asks for, 1 to 1 MiB. Default: 64 KiB.
    pub(crate) recv: usize,
    /// The least time between one `recv()` and the next, 0 to 60,000 ms. Default: none.
    pub(crate) delay: Duration,
    /// `TCP_NODELAY` on the connection to the target. Default: on.
    pub(crate) nodelay: bool,
}

impl Default for Levers {
    fn default() -> Self {
        Self { recv: 64 * 1024, delay: Duration::ZERO, nodelay: true }
    }
}

impl Levers {
    /// What a recording says of a session with these levers.
    pub(crate) fn recorded(self, target: &str, header: HeaderFormat) -> Bridge {
        Bridge {
            target: target.to_owned(),
            recv: u32::try_from(self.recv).expect("it is at most MAX_RECV"),
            delay_ms: u32::try_from(self.delay.as_millis()).expect("it is at most MAX_DELAY_MS"),
            nodelay: self.nodelay,
            header,
        }
    }

    /// Reads a URL's query. A lever that is not named keeps its default.
    pub(crate) fn parse(query: &str) -> Result<Self, ParseLeversError> {
        let mut levers = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "recv" => {
                    levers.recv = value
                        .parse()
                        .ok()
                        .filter(|recv| (1..=MAX_RECV).contains(recv))
                        .ok_or(ParseLeversError::Recv)?;
                }
                "delay_ms" => {
                    levers.delay = value
                        .parse()
                        .ok()
                        .filter(|ms| *ms <= MAX_DELAY_MS)
                        .map(Duration::from_millis)
                        .ok_or(ParseLeversError::Delay)?;
                }
                "nodelay" => {
                    levers.nodelay = match &*value {
                        "1" => true,
                        "0" => false,
                        _ => return Err(ParseLeversError::Nodelay),
                    };
                }
                _ => return Err(ParseLeversError::Unknown),
            }
        }
        Ok(levers)
    }
}

/// Why a query does not set a session's levers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ParseLeversError {
    #[error("recv is a number of bytes from 1 to {MAX_RECV}")]
    Recv,
    #[error("delay_ms is a number of milliseconds from 0 to {MAX_DELAY_MS}")]
    Delay,
    #[error("nodelay is 0 or 1")]
    Nodelay,
    #[error("a bridge knows recv, delay_ms and nodelay, and nothing else")]
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levers_are_read_from_the_query() {
        assert_eq!(Levers::parse(""), Ok(Levers::default()));
        assert_eq!(
            Levers::parse("recv=5&delay_ms=250&nodelay=0"),
            Ok(Levers { recv: 5, delay: Duration::from_millis(250), nodelay: false }),
        );
    }

    #[test]
    fn levers_out_of_bounds_are_refused() {
        for (query, error) in [
            ("recv=0", ParseLeversError::Recv),
            ("recv=1048577", ParseLeversError::Recv),
            ("recv=-1", ParseLeversError::Recv),
            ("recv=", ParseLeversError::Recv),
            ("delay_ms=60001", ParseLeversError::Delay),
            ("delay_ms=1.5", ParseLeversError::Delay),
            ("nodelay=yes", ParseLeversError::Nodelay),
            ("rcv=5", ParseLeversError::Unknown),
        ] {
            assert_eq!(Levers::parse(query), Err(error), "{query}");
        }
    }
}
