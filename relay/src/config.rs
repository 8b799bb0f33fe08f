//! What a relay is told before it starts.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use framescope_framing::{DEFAULT_MAX_PAYLOAD, HeaderFormat};

use crate::http::{Origin, Token};
use crate::metrics::DroppedLines;
use crate::net::Tls;
use crate::target::Target;

/// The largest limit that [`Config::max_message`] may be set to, in bytes: 64 MiB.
pub const MAX_MAX_MESSAGE: usize = 64 * 1024 * 1024;

/// Everything a relay is told before it starts. `Config::default()` serves one laptop.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the page and the WebSockets are served. Default: 127.0.0.1:9528.
    pub listen: SocketAddr,
    /// Where the built-in TCP server listens. Default: 127.0.0.1:9527.
    pub tcp_listen: SocketAddr,
    /// What `/bridge/{name}` may connect to, beside `demo`, the built-in TCP server.
    pub targets: Vec<Target>,
    /// The header of the built-in TCP server. Default: `<i`.
    pub header: HeaderFormat,
    /// The longest payload the built-in TCP server accepts, in bytes, and with a header added the
    /// longest WebSocket message the bridge accepts. 1 to [`MAX_MAX_MESSAGE`]; default: 1 MiB.
    pub max_message: usize,
    /// Pages of other origins that may use the relay. Default: none.
    pub allow_origins: Vec<Origin>,
    /// What clients of the bridge, the lab and the metrics must send; `None` asks for nothing.
    pub token: Option<Token>,
    /// The certificate for the page and the WebSockets; without it they are plain.
    pub tls: Option<Tls>,
    /// The most bridge sessions at a time; one more is refused with 503. Default: 1,024.
    pub max_sessions: usize,
    /// The most bridge sessions of one address at a time; one more is refused with 503. Default:
    /// 256.
    pub max_sessions_per_address: usize,
    /// The most experiments in the lab at a time; one more is refused with 503. Default: 256.
    pub max_experiments: usize,
    /// The most experiments of one address at a time; one more is refused with 503. Default: 32.
    pub max_experiments_per_address: usize,
    /// The most HTTP connections at a time that are no WebSockets, over as many as there may be sessions
    /// and experiments: pages being loaded. One more waits until another closes. Default: 256.
    pub spare_connections: usize,
    /// The same, for one address. One more is refused with 503. Default: 64.
    pub spare_connections_per_address: usize,
    /// Where bridge sessions are recorded: the first in this file, the next in one that has `-2` in its
    /// name before the extension, and so on, 100 at most. No file is overwritten. A recording ends
    /// when it has 4 MiB of a direction, or 100,000 events. Default: nowhere.
    pub record: Option<PathBuf>,
    /// The most connections the built-in TCP server serves at a time. Default: 2,048.
    pub max_tcp_connections: usize,
    /// How long a target may take to accept a connection before it is a 504. Default: 5 s.
    pub connect_timeout: Duration,
    /// How often a WebSocket is pinged; after two pings without an answer it is gone, and so is a
    /// client that takes no bytes for more than three times as long. Default: 30 s.
    pub ping_interval: Duration,
    /// A bridge session ends when no byte has gone either way for this long; `None` is for ever. A
    /// message counts when it has been taken, pings do not count. Default: 1 h.
    pub idle_timeout: Option<Duration>,
    /// How long a client may take to send the head of a request, and with TLS to shake hands; an
    /// idle connection is closed after as long. Default: 10 s.
    pub header_timeout: Duration,
    /// How long a client may take nothing of a response before its connection is closed; where the
    /// kernel still holds bytes for it, up to twice as long. Default: 30 s.
    pub send_timeout: Duration,
    /// How long a peer may take to close that has all that was sent to it, and after a stop every
    /// peer. On Linux one that has not is waited for while it takes something. Default: 5 s.
    pub close_timeout: Duration,
    /// Where whoever writes the log counts the lines that it dropped, for the metrics.
    pub dropped_log_lines: DroppedLines,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 9528).into(),
            tcp_listen: (Ipv4Addr::LOCALHOST, 9527).into(),
            targets: Vec::new(),
            header: HeaderFormat::default(),
            max_message: DEFAULT_MAX_PAYLOAD,
            allow_origins: Vec::new(),
            token: None,
            tls: None,
            max_sessions: 1024,
            max_sessions_per_address: 256,
            max_experiments: 256,
            max_experiments_per_address: 32,
            spare_connections: 256,
            spare_connections_per_address: 64,
            record: None,
            max_tcp_connections: 2048,
            connect_timeout: Duration::from_secs(5),
            ping_interval: Duration::from_secs(30),
            idle_timeout: Some(Duration::from_hours(1)),
            header_timeout: Duration::from_secs(10),
            send_timeout: Duration::from_secs(30),
            close_timeout: Duration::from_secs(5),
            dropped_log_lines: DroppedLines::default(),
        }
    }
}

impl Config {
    /// The most HTTP connections at a time that are no WebSockets yet.
    pub(crate) const fn max_connections(&self) -> usize {
        self.max_sessions + self.max_experiments + self.spare_connections
    }

    /// The same, for one address.
    pub(crate) const fn max_connections_per_address(&self) -> usize {
        self.max_sessions_per_address
            + self.max_experiments_per_address
            + self.spare_connections_per_address
    }
}
