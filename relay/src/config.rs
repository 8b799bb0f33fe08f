//! The options of a relay.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use framescope_framing::{DEFAULT_MAX_PAYLOAD, HeaderFormat};

use crate::class::ClassConfig;
use crate::http::{ClientFrom, Origin, TrustedProxy};
use crate::metrics::DroppedLines;
use crate::net::{ListenOn, Tls, Vanishing};
use crate::target::Target;
use crate::token::TokenSource;
use crate::wire_choice::WireChoice;
use crate::worker::WatchedRun;

/// The largest limit that [`Config::max_message`] may be set to, in bytes: 64 MiB.
pub const MAX_MAX_MESSAGE: usize = 64 * 1024 * 1024;

/// The largest limit that [`Config::max_client_message`] may be set to, in bytes: what 32 bits hold.
pub const MAX_MAX_CLIENT_MESSAGE: usize = u32::MAX as usize;

/// The most targets of a relay. `/relay.json` names all of them to each page.
pub const MAX_TARGETS: usize = 10_000;

/// Where the page and the WebSockets are served by default.
pub const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9528);

/// Where the built-in TCP server listens by default.
pub const DEFAULT_TCP_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9529);

/// The options of a relay. `Config::default()` serves one laptop.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the page and the WebSockets are served, one place at least. Default: 127.0.0.1:9528.
    pub listen: Vec<ListenOn>,
    /// Where the built-in TCP server listens. `None`: there is none, and no `demo`. Default: 127.0.0.1:9529.
    pub tcp_listen: Option<SocketAddr>,
    /// Whether the page may be served ten or twenty ports above if its port is taken. Default: no.
    pub may_listen_above: bool,
    /// Whether the built-in TCP server may listen ten or twenty ports above if its port is taken. Default: no.
    pub may_tcp_listen_above: bool,
    /// What `/bridge/{name}` may connect to, besides `demo` and `demo-plain`, the built-in TCP servers.
    /// [`MAX_TARGETS`] at most.
    pub targets: Vec<Target>,
    /// The header of the built-in TCP server. Default: `<i`.
    pub header: HeaderFormat,
    /// The longest payload that the built-in TCP server accepts, in bytes. 1 to [`MAX_MAX_MESSAGE`].
    /// Default: 1 MiB.
    pub max_message: usize,
    /// The longest WebSocket message that the bridge accepts, in bytes. A long one is passed on as it comes, so it
    /// takes no memory. 1 to [`MAX_MAX_CLIENT_MESSAGE`]. Default: 1 GiB.
    pub max_client_message: usize,
    /// How long browsers that came with TLS are to come with nothing else, RFC 6797. `None`, the default: it is
    /// not said.
    pub hsts: Option<Duration>,
    /// Pages of other origins that may use the relay. Default: none.
    pub allow_origins: Vec<Origin>,
    /// The tokens of which clients of the bridge, the lab and the metrics must send one. `None`: none is needed.
    pub token: Option<TokenSource>,
    /// Proxies in front that are believed when they say who the client is. Default: none.
    pub trusted_proxies: Vec<TrustedProxy>,
    /// How they say it. Default: `X-Forwarded-For`.
    pub client_from: ClientFrom,
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
    /// Programs of this system that `/lab` runs as they are, and no others. Linux alone has what that takes. `None`, the
    /// default: it runs what pages send, in Python.
    pub watched: Option<WatchedRun>,
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
    /// Asks a target that has been silent for this long whether it is there, `SO_KEEPALIVE` of tcp(7). One whose
    /// machine is gone is noticed after twice this time. `None`: never. Default: 60 s.
    pub target_keepalive: Option<Duration>,
    /// Gives up a target that takes no bytes for this long, `TCP_USER_TIMEOUT` of tcp(7), on Linux. Also one that
    /// only reads slowly. `None`, the default: never.
    pub target_user_timeout: Option<Duration>,
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
    /// How long the relay goes on to serve after it was told to stop, while `/readyz` says that it does.
    /// Default: not at all.
    pub stop_delay: Duration,
    /// How long sessions may go on when another process has taken the relay's place. Then they are closed with
    /// 1001. `None`: as long as they like. Default: 1 h.
    pub drain_timeout: Option<Duration>,
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
            listen: vec![DEFAULT_LISTEN.into()],
            tcp_listen: Some(DEFAULT_TCP_LISTEN),
            may_listen_above: false,
            may_tcp_listen_above: false,
            targets: Vec::new(),
            header: HeaderFormat::default(),
            max_message: DEFAULT_MAX_PAYLOAD,
            max_client_message: 1024 * 1024 * 1024,
            hsts: None,
            allow_origins: Vec::new(),
            token: None,
            trusted_proxies: Vec::new(),
            client_from: ClientFrom::default(),
            tls: None,
            max_sessions: 1024,
            max_sessions_per_address: 256,
            max_experiments: 256,
            max_experiments_per_address: 32,
            class: None,
            max_arrivals: 1024,
            max_arrivals_per_address: 256,
            lab_worker: None,
            watched: None,
            wire: WireChoice::Auto,
            spare_connections: 256,
            spare_connections_per_address: 64,
            record: None,
            max_tcp_connections: 2048,
            connect_timeout: Duration::from_secs(5),
            target_keepalive: Some(Duration::from_mins(1)),
            target_user_timeout: None,
            ping_interval: Duration::from_secs(30),
            idle_timeout: Some(Duration::from_hours(1)),
            header_timeout: Duration::from_secs(10),
            send_timeout: Duration::from_secs(30),
            stop_delay: Duration::ZERO,
            drain_timeout: Some(Duration::from_hours(1)),
            close_timeout: Duration::from_secs(5),
            dropped_log_lines: DroppedLines::default(),
        }
    }
}

impl Config {
    pub(crate) const fn vanishing(&self) -> Vanishing {
        Vanishing { keepalive: self.target_keepalive, user_timeout: self.target_user_timeout }
    }

    /// Where the built-in TCP server listens, if it and the page must listen where they are asked to.
    pub(crate) fn own_tcp_listen(&self) -> Option<SocketAddr> {
        self.tcp_listen.filter(|_| !self.may_listen_above && !self.may_tcp_listen_above)
    }

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
