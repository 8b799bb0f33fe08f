//! Starting and stopping: two listeners, and every task that hangs on them.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use framescope_framing::framed_len;
use framescope_protocol::{DEMO_TARGET, RelayInfo};
use tokio::net::TcpListener;
use tokio::time::{interval, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::access::Access;
use crate::config::Config;
use crate::http::{App, Door, HttpServer};
use crate::lookup::Resolver;
use crate::metrics::Metrics;
use crate::recorder::Recordings;
use crate::sessions::Sessions;
use crate::target::{Address, Target};
use crate::tcp_server::TcpServer;
use crate::tls::Tls;

/// A relay that has its ports and does not serve yet.
#[derive(Debug)]
pub struct Relay {
    config: Config,
    http: TcpListener,
    http_address: SocketAddr,
    tcp: TcpListener,
    tcp_address: SocketAddr,
}

impl Relay {
    /// Takes the ports. Port 0 lets the system choose one; the addresses say which.
    ///
    /// # Errors
    ///
    /// [`BindError`] names the address that could not be had, and why.
    pub async fn bind(config: Config) -> Result<Self, BindError> {
        let (http, http_address) = listen(config.listen).await?;
        let (tcp, tcp_address) = listen(config.tcp_listen).await?;
        Ok(Self { config, http, http_address, tcp, tcp_address })
    }

    /// Where the page and the WebSockets are served.
    #[must_use]
    pub const fn http_address(&self) -> SocketAddr {
        self.http_address
    }

    /// Where the built-in TCP server listens.
    #[must_use]
    pub const fn tcp_address(&self) -> SocketAddr {
        self.tcp_address
    }

    /// Serves until `stop` is cancelled; then takes no more connections, closes every WebSocket
    /// with 1001, and returns when all of them are gone, or the close timeout is over.
    pub async fn run(self, stop: CancellationToken) {
        let tasks = TaskTracker::new();
        let close_timeout = self.config.close_timeout;
        let door = Door {
            header_timeout: self.config.header_timeout,
            send_timeout: self.config.send_timeout,
            tls: self.config.tls.as_ref().map(Tls::acceptor),
        };
        let tcp_server = TcpServer {
            format: self.config.header,
            max_message: self.config.max_message,
            close_timeout,
        };
        tasks.spawn(tcp_server.run(
            self.tcp,
            self.config.max_tcp_connections,
            tasks.clone(),
            stop.clone(),
        ));
        let http = HttpServer {
            door,
            max_connections: self.config.max_connections(),
            max_connections_per_address: self.config.max_connections_per_address(),
            close_timeout,
            app: app(self.config, self.tcp_address, tasks.clone(), stop.clone()),
        };
        let listener = self.http;
        tokio::select! {
            () = http.run(&listener) => {}
            () = beat() => {}
            () = stop.cancelled() => {}
        }
        drop(listener);
        tasks.close();
        // Each session has its own deadline, twice: for its farewell and for its last bytes.
        let _ = timeout(close_timeout * 2, tasks.wait()).await;
    }
}

/// How often the runtime wakes to look at its clock: more often than any timer of a connection ends.
const BEAT: Duration = Duration::from_secs(1);

/// Wakes the runtime again and again, and does nothing.
///
/// A timer that ends before all others is a system call, to wake the thread that waits for the next
/// event: each connection begins five timers, and their calls were a fifth of all that it made. One
/// that ends later than the next beat costs none.
async fn beat() {
    let mut beats = interval(BEAT);
    loop {
        beats.tick().await;
    }
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), BindError> {
    let failed = |cause| BindError { address, cause };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

fn app(
    config: Config,
    tcp_address: SocketAddr,
    tasks: TaskTracker,
    stop: CancellationToken,
) -> App {
    let demo = Target {
        name: DEMO_TARGET.to_owned(),
        address: Address::Tcp(reachable(tcp_address).to_string()),
    };
    let targets: Vec<Target> = std::iter::once(demo).chain(config.targets).collect();
    App {
        access: Access::new(config.listen.ip(), config.allow_origins),
        info: RelayInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            tcp_address: tcp_address.to_string(),
            header: config.header,
            max_message: config.max_message,
            targets: targets.iter().map(|target| target.name.clone()).collect(),
            lab: cfg!(unix),
        },
        token: config.token,
        metrics: Metrics::new(config.dropped_log_lines),
        targets: targets.into_iter().map(|target| (target.name.clone(), target)).collect(),
        resolver: Resolver::new(),
        max_frame: framed_len(config.max_message),
        connect_timeout: config.connect_timeout,
        ping_interval: config.ping_interval,
        close_timeout: config.close_timeout,
        idle_timeout: config.idle_timeout,
        recordings: config.record.map(Recordings::new),
        sessions: Sessions::new(config.max_sessions, config.max_sessions_per_address),
        #[cfg(unix)]
        experiments: Sessions::new(config.max_experiments, config.max_experiments_per_address),
        tasks,
        stop,
    }
}

/// Where a client on this machine finds a server that listens on `address`: one that listens on
/// every interface is reached over loopback.
#[must_use]
pub fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

/// A port could not be had.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {}", explain(cause))]
pub struct BindError {
    /// The address that was asked for.
    pub address: SocketAddr,
    /// What the system said.
    pub cause: io::Error,
}

fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => "another program listens there already".to_owned(),
        io::ErrorKind::AddrNotAvailable => "this machine has no such address".to_owned(),
        io::ErrorKind::PermissionDenied => "ports under 1024 need more rights".to_owned(),
        _ => error.to_string(),
    }
}
