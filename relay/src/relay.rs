//! Starting and stopping: the listeners, and all tasks that serve their connections.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use framescope_framing::framed_len;
use framescope_protocol::{DEMO_TARGET, PLAIN_TARGET, RelayInfo};
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::bridge::Recordings;
use crate::class::{self, ClassHandle, Classroom};
use crate::config::Config;
use crate::http::{Acceptor, Access, App, HttpServer, RefusalLog};
use crate::metrics::Metrics;
use crate::net::{BindError, Tls, keep_timer_armed, listen, reachable};
use crate::sessions::Sessions;
use crate::target::{Address, Resolver, Target};
use crate::tcp_server::{self, Kind, Rules};
use crate::worker::{Limits, Workers};

/// The most pages of a teacher at a time, altogether and of one address. Those whose key is wrong count too.
const MAX_CONSOLES: usize = 256;
const MAX_CONSOLES_PER_ADDRESS: usize = 32;

/// A relay that has its ports and does not serve yet.
#[derive(Debug)]
pub struct Relay {
    config: Config,
    http: TcpListener,
    http_address: SocketAddr,
    tcp: TcpListener,
    tcp_address: SocketAddr,
    /// The server without a header. Only the bridge leads there.
    plain: TcpListener,
    plain_address: SocketAddr,
    workers: Workers,
    class: Option<Arc<Classroom>>,
    /// Where programs take the challenge of the class.
    challenge: Option<TcpListener>,
}

/// Why a relay cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The page's port is not available.
    #[error(transparent)]
    Page(BindError),
    /// The built-in TCP server's is not.
    #[error(transparent)]
    TcpServer(BindError),
    /// The challenge's is not.
    #[error(transparent)]
    Challenge(BindError),
    /// Loopback has none.
    #[error(transparent)]
    Loopback(BindError),
    /// No programs can be run.
    #[error("no programs can be run: {0}")]
    Workers(#[source] io::Error),
}

impl Relay {
    /// Takes the two ports, and one on loopback for the server without a header. For port 0 the system chooses one; the addresses say which.
    ///
    /// # Errors
    ///
    /// [`StartError`] names the address that is not available, and why.
    pub async fn bind(config: Config) -> Result<Self, StartError> {
        let http = listen(config.listen, config.may_listen_above).await;
        let (http, http_address) = http.map_err(StartError::Page)?;
        let tcp = listen(config.tcp_listen, config.may_tcp_listen_above).await;
        let (tcp, tcp_address) = tcp.map_err(StartError::TcpServer)?;
        let plain = listen((Ipv4Addr::LOCALHOST, 0).into(), false).await;
        let (plain, plain_address) = plain.map_err(StartError::Loopback)?;
        let workers = Workers::new(config.lab_worker.clone(), Limits::default(), config.wire);
        let scheme = if config.tls.is_some() { "https" } else { "http" };
        let secret = config.token.as_ref().map(|token| token.secret().to_owned());
        let asked = config.class.as_ref().and_then(|class| class.challenge);
        let challenge = match asked {
            Some(asked) => {
                let listening = listen(asked.listen, asked.may_listen_above).await;
                Some(listening.map_err(StartError::Challenge)?)
            }
            None => None,
        };
        let told = challenge.as_ref().map(|(_, address)| framescope_class::Challenge {
            port: address.port(),
            header: config.header,
        });
        let base = (scheme, http_address.port());
        let class = config.class.clone();
        let class = class.map(|class| Arc::new(Classroom::new(class, secret, base, told)));
        Ok(Self {
            config,
            class,
            challenge: challenge.map(|(listener, _)| listener),
            http,
            http_address,
            tcp,
            tcp_address,
            plain,
            plain_address,
            workers: workers.map_err(StartError::Workers)?,
        })
    }

    /// Where the page and the WebSockets are served.
    #[must_use]
    pub const fn http_address(&self) -> SocketAddr {
        self.http_address
    }

    /// The class, if one goes on.
    #[must_use]
    pub fn class(&self) -> Option<ClassHandle> {
        self.class.clone().map(ClassHandle)
    }

    /// Where the built-in TCP server listens.
    #[must_use]
    pub const fn tcp_address(&self) -> SocketAddr {
        self.tcp_address
    }

    /// Serves until `stop` is cancelled. Then it takes no more connections and closes every WebSocket with
    /// 1001. It returns when all of them are gone, and after twice the close timeout at the latest.
    pub async fn run(mut self, stop: CancellationToken) {
        let tasks = TaskTracker::new();
        let close_timeout = self.config.close_timeout;
        let acceptor = Acceptor {
            header_timeout: self.config.header_timeout,
            send_timeout: self.config.send_timeout,
            tls: self.config.tls.as_ref().map(Tls::acceptor),
        };
        let framed =
            Kind::Framed { format: self.config.header, max_message: self.config.max_message };
        let max_tcp_connections = self.config.max_tcp_connections;
        let max_connections = self.config.max_connections();
        let max_connections_per_address = self.config.max_connections_per_address();
        let challenge = self.class.clone().zip(self.challenge.take());
        if let Some((class, listener)) = challenge {
            let arrivals =
                Sessions::new(self.config.max_arrivals, self.config.max_arrivals_per_address);
            let (tracker, stop) = (tasks.clone(), stop.clone());
            let header = self.config.header;
            tasks.spawn(class::serve_challenge(class, listener, header, arrivals, tracker, stop));
        }
        let ([listener, tcp, plain], app) = self.into_app(tasks.clone(), stop.clone());
        for (kind, listener) in [(framed, tcp), (Kind::Plain, plain)] {
            let rules = Rules { kind, close_timeout };
            let (tracker, stop) = (tasks.clone(), stop.clone());
            tasks.spawn(tcp_server::run(rules, listener, max_tcp_connections, tracker, stop));
        }
        let app = Arc::new(app);
        if let Some(class) = app.class.clone() {
            let app = Arc::clone(&app);
            tasks.spawn(async move {
                tokio::join!(class.run(&app.stop), class::measure(&class, &app.workers, &app.stop));
            });
        }
        let http = HttpServer {
            acceptor,
            app,
            max_connections,
            max_connections_per_address,
            close_timeout,
        };
        tokio::select! {
            () = http.run(&listener) => {}
            () = keep_timer_armed() => {}
            () = stop.cancelled() => {}
        }
        drop(listener);
        tasks.close();
        // Each session has this deadline twice: to drain, and to close.
        let _ = timeout(close_timeout * 2, tasks.wait()).await;
    }

    /// The listeners, and what all requests share.
    fn into_app(self, tasks: TaskTracker, stop: CancellationToken) -> ([TcpListener; 3], App) {
        let config = self.config;
        let built_in = [(DEMO_TARGET, self.tcp_address), (PLAIN_TARGET, self.plain_address)];
        let built_in = built_in.map(|(name, address)| Target {
            name: name.to_owned(),
            address: Address::Tcp(reachable(address).to_string()),
        });
        let targets: Vec<Target> = built_in.into_iter().chain(config.targets).collect();
        let app = App {
            access: Access::new(config.listen.ip(), config.allow_origins),
            info: RelayInfo {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                tcp_address: self.tcp_address.to_string(),
                header: config.header,
                max_message: config.max_message,
                targets: targets.iter().map(|target| target.name.clone()).collect(),
                lab: true,
            },
            token: config.token,
            metrics: Metrics::new(config.dropped_log_lines),
            refusals: RefusalLog::new(),
            targets: targets.into_iter().map(|target| (target.name.clone(), target)).collect(),
            resolver: Resolver::new(),
            max_frame: framed_len(config.max_message),
            connect_timeout: config.connect_timeout,
            ping_interval: config.ping_interval,
            close_timeout: config.close_timeout,
            idle_timeout: config.idle_timeout,
            recordings: config.record.map(Recordings::new),
            sessions: Sessions::new(config.max_sessions, config.max_sessions_per_address),
            experiments: Sessions::new(config.max_experiments, config.max_experiments_per_address),
            class: self.class,
            arrivals: Sessions::new(config.max_arrivals, config.max_arrivals_per_address),
            consoles: Sessions::new(MAX_CONSOLES, MAX_CONSOLES_PER_ADDRESS),
            workers: self.workers,
            tasks,
            stop,
        };
        ([self.http, self.tcp, self.plain], app)
    }
}
