//! The options of a relay.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use framescope_framing::{DEFAULT_MAX_PAYLOAD, HeaderFormat};

use crate::class::ClassConfig;
use crate::http::{Origin, Token};
use crate::metrics::DroppedLines;
use crate::net::Tls;
use crate::target::Target;
use crate::wire_choice::WireChoice;

/// The largest limit that [`Config::max_message`] may be set to, in bytes: 64 MiB.
pub const MAX_MAX_MESSAGE: usize = 64 * 1024 * 1024;

/// The options of a relay. `Config::default()` serves one laptop.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the page and the WebSockets are served. Default: 127.0.0.1:9528.
    pub listen: SocketAddr,
    /// Where the built-in TCP server listens. Default: 127.0.0.1:9529.
    pub tcp_listen: SocketAddr,
    /// Whether the page may be served ten or twenty ports above if its port is taken. Default: no.
    pub may_listen_above: bool,
    /// Whether the built-in TCP server may listen ten or twenty ports above if its port is taken. Default: no.
    pub may_tcp_listen_above: bool,
    /// What `/bridge/{name}` may connect to, besides `demo` and `demo-plain`, the built-in TCP servers.
    pub targets: Vec<Target>,
    /// The header of the built-in TCP server. Default: `<i`.
    pub header: HeaderFormat,
    /// The longest payload that the built-in TCP server accepts, in bytes. A payload of this length with its
    /// header is also the longest WebSocket message that the bridge accepts. 1 to [`MAX_MAX_MESSAGE`].
    /// Default: 1 MiB.
    pub max_message: usize,
    /// Pages of other origins that may use the relay. Default: none.
    pub allow_origins: Vec<Origin>,
    /// The token that clients of the bridge, the lab and the metrics must send. `None`: no token is needed.
    pub token: Option<Token>,
    /// The certificate for the page and the WebSockets. `None`: they are served without TLS.
    pub tls: Option<Tls>,
    /// The most bridge sessions at a time. One more is refused with 503. Default: 1,024.
    pub max_sessions: usize,
    /// The most bridge sessions of one address at a time. One more is refused with 503. Default: 256.
    pub max_sessions_per_address: usize,
    /// The most experiments in the lab at a time. One more is refused with 503. Default: 256.
    pub max_experiments: usize,
    /// The most experiments of one address at a time. One more is refused with 503. Default: 32.
    pub max_experiments_per_address: usize,
    /// The class that is going on. `None`, the default: there is none.
    pub class: Option<ClassConfig>,
    /// The most pages at a time that have not joined the class yet. One more is refused with 503.
    /// Default: 1,024.
    pub max_arrivals: usize,
    /// The same for one address. Default: 256.
    pub max_arrivals_per_address: usize,
    /// The executable that runs programs in Python: `framescope`, with its subcommand `lab-worker`. `None`, the
    /// default: the executable of this process.
    pub lab_worker: Option<PathBuf>,
    /// Whether experiments run on a network whose segments are seen. Default: if the system has what it takes.
    pub wire: WireChoice,
    /// How many HTTP connections there may be at a time in addition to `max_sessions` and
    /// `max_experiments`. Pages that load use them; a WebSocket is not counted after its upgrade. One more
    /// connection waits until another closes. Default: 256.
    pub spare_connections: usize,
    /// The same for one address. One more is refused with 503. Default: 64.
    pub spare_connections_per_address: usize,
    /// Where bridge sessions are recorded. The first goes into this file, the next into one with `-2` before
    /// the extension, and so on, 100 at most. No file is overwritten. A recording ends when it has 4 MiB of
    /// one direction, or 100,000 events. `None`, the default: nothing is recorded.
    pub record: Option<PathBuf>,
    /// The most connections that the built-in TCP server serves at a time. Default: 2,048.
    pub max_tcp_connections: usize,
    /// The time limit for connecting to a target, look-up included. Past it, the client gets a 504.
    /// Default: 5 s.
    pub connect_timeout: Duration,
    /// The interval between pings on a WebSocket. A client that answers two pings in a row with nothing is
    /// gone. So is a client that takes no bytes for three intervals. Default: 30 s.
    pub ping_interval: Duration,
    /// Ends a bridge session when no byte has crossed for this long. `None`: never. A message counts when the
    /// other side's kernel has taken it. Pings do not count. Default: 1 h.
    pub idle_timeout: Option<Duration>,
    /// The time limit for the head of a request, and for the TLS handshake. A connection that is idle between
    /// two requests is closed after the same time. Default: 10 s.
    pub header_timeout: Duration,
    /// Closes an HTTP connection whose client takes nothing of a response for this long, and at the latest
    /// after twice this time. Default: 30 s.
    pub send_timeout: Duration,
    /// How long a peer that has received everything may take to close its side. On Linux, a peer that has not
    /// received everything gets more time, as long as it acknowledges something. When the relay stops, every
    /// peer gets this time only. Default: 5 s.
    pub close_timeout: Duration,
    /// Counts the lines that the log dropped. Whoever writes the log adds to it; `/metrics` shows it.
    pub dropped_log_lines: DroppedLines,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 9528).into(),
            tcp_listen: (Ipv4Addr::LOCALHOST, 9529).into(),
            may_listen_above: false,
            may_tcp_listen_above: false,
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
            class: None,
            max_arrivals: 1024,
            max_arrivals_per_address: 256,
            lab_worker: None,
            wire: WireChoice::Auto,
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
    /// The most HTTP connections at a time, WebSockets not counted after their upgrade.
    pub(crate) const fn max_connections(&self) -> usize {
        self.max_sessions + self.max_experiments + self.spare_connections
    }

    /// The same for one address.
    pub(crate) const fn max_connections_per_address(&self) -> usize {
        self.max_sessions_per_address
            + self.max_experiments_per_address
            + self.spare_connections_per_address
    }
}
