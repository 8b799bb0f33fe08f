//! Starting and stopping: the listeners, and all tasks that serve their connections.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::panic::resume_unwind;
use std::sync::Arc;
#[cfg(unix)]
use std::sync::Weak;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::bridge::Recordings;
use crate::class::{self, ClassHandle, Classroom};
use crate::config::Config;
use crate::http::{App, HttpServer, Policies, Policy, RefusalLog};
use crate::memory::give_back;
use crate::metrics::Metrics;
use crate::net::{
    BindError, Inherited, Listener, check_count, check_places, keep_timer_armed, listen, listen_at,
    listen_on,
};
#[cfg(unix)]
use crate::net::{SocketFile, left_over};
use crate::policy::{BuiltIn, PolicyError, check_protection, policy};
use crate::sessions::Sessions;
use crate::target::Resolver;
use crate::tcp_server::{self, Kind, Rules};
use crate::worker::{Limits, Work, Workers};

/// The most pages of a teacher at a time, altogether and of one address. Those whose key is wrong count too.
const MAX_CONSOLES: usize = 256;
const MAX_CONSOLES_PER_ADDRESS: usize = 32;

/// What the built-in TCP servers' sockets are called when they are handed on.
const TCP_SERVER: &str = "tcp-server";
const PLAIN_SERVER: &str = "plain-server";

/// A relay that has its ports and does not serve yet.
#[derive(Debug)]
pub struct Relay {
    config: Arc<Config>,
    listeners: Arc<Listeners>,
    /// Files of Unix sockets of the process before this one that are listened on no more.
    #[cfg(unix)]
    left_over: Vec<SocketFile>,
    built_in: BuiltIn,
    app: Arc<App>,
    /// Where programs take the challenge of the class.
    challenge: Option<TcpListener>,
}

/// All places at which connections come in.
#[derive(Debug)]
struct Listeners {
    /// Those of the page and the WebSockets, with what was asked for.
    http: Vec<(String, Listener)>,
    /// Those of the built-in server and the one without a header, to which only the bridge leads.
    built_in: Vec<(String, Listener)>,
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
    /// Something that the configuration names cannot be used.
    #[error(transparent)]
    Policy(#[from] PolicyError),
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
        Self::take_over(config, Inherited::default()).await
    }

    /// Whether a relay could be started with this configuration, or follow it at a reload. Its files are read; no
    /// port is taken, and nothing is connected to.
    ///
    /// # Errors
    ///
    /// Something that it names cannot be used.
    pub fn check(config: &Config) -> Result<(), PolicyError> {
        let built_in = BuiltIn {
            servers: None,
            header: config.header,
            max_message: config.max_message,
            is_open: false,
        };
        policy(config, &built_in, None).map(drop)
    }

    /// The same as [`Relay::bind`] with sockets that somebody else has opened. What is not among them is opened.
    ///
    /// # Errors
    ///
    /// The same.
    pub async fn take_over(config: Config, mut inherited: Inherited) -> Result<Self, StartError> {
        let places = check_places(&config.listen, config.own_tcp_listen());
        places.map_err(PolicyError::from)?;
        let (listeners, built_in) = Listeners::bind(&config, &mut inherited).await?;
        #[cfg(unix)]
        let left_over = left_over(inherited);
        let policy = policy(&config, &built_in, None)?;
        let work = match config.watched.clone() {
            Some(run) => Work::Watch(run),
            None => Work::Lab(Limits::default()),
        };
        let workers = Workers::new(config.lab_worker.clone(), work, config.wire);
        let workers = workers.map_err(StartError::Workers)?;
        let (class, challenge) = class_of(&config, &listeners, &policy).await?;
        let stop = CancellationToken::new();
        let app = App {
            metrics: Metrics::new(config.dropped_log_lines.clone()),
            refusals: RefusalLog::new(),
            resolver: Resolver::new(),
            recordings: config.record.clone().map(Recordings::new),
            connections: Sessions::new(usize::MAX, config.max_connections_per_address()),
            sessions: Sessions::new(config.max_sessions, config.max_sessions_per_address),
            experiments: Sessions::new(config.max_experiments, config.max_experiments_per_address),
            class,
            arrivals: Sessions::new(config.max_arrivals, config.max_arrivals_per_address),
            consoles: Sessions::new(MAX_CONSOLES, MAX_CONSOLES_PER_ADDRESS),
            workers,
            tasks: TaskTracker::new(),
            is_leaving: AtomicBool::new(false),
            retire: stop.child_token(),
            stop,
            policies: Policies::new(policy),
        };
        let (app, listeners) = (Arc::new(app), Arc::new(listeners));
        Ok(Self {
            config: Arc::new(config),
            listeners,
            #[cfg(unix)]
            left_over,
            built_in,
            app,
            challenge,
        })
    }

    /// The address at which the page and the WebSockets are served, the first one. `None`: there are only Unix sockets.
    #[must_use]
    pub fn http_address(&self) -> Option<SocketAddr> {
        self.listeners.http_address()
    }

    /// The other places at which they are served, as the options write them, with the ports that they have.
    #[must_use]
    pub fn http_places(&self) -> Vec<String> {
        let first = self.http_address();
        let all =
            self.listeners.http.iter().map(|(place, listener)| match listener.tcp_address() {
                Some(address) if Some(address) == first => None,
                Some(address) => Some(address.to_string()),
                None => Some(place.clone()),
            });
        all.flatten().collect()
    }

    /// The class, if one goes on.
    #[must_use]
    pub fn class(&self) -> Option<ClassHandle> {
        self.app.class.clone().map(ClassHandle)
    }

    /// Where the built-in TCP server listens, if there is one.
    #[must_use]
    pub fn tcp_address(&self) -> Option<SocketAddr> {
        self.built_in.servers.map(|[framed, _]| framed)
    }

    /// What acts on the relay while it runs.
    #[must_use]
    pub fn handle(&self) -> RelayHandle {
        RelayHandle {
            app: Arc::clone(&self.app),
            #[cfg(unix)]
            listeners: Arc::downgrade(&self.listeners),
            built_in: self.built_in.clone(),
            started_with: Arc::clone(&self.config),
        }
    }

    /// Serves until `stop` is cancelled. Then it takes no more connections and closes every WebSocket with
    /// 1001. It returns when all of them are gone, and after twice the close timeout at the latest.
    ///
    /// After [`RelayHandle::retire`] it takes no more connections either, but sessions go on until they end,
    /// or until the drain timeout or a stop ends them.
    pub async fn run(self, stop: CancellationToken) {
        let Self { config, listeners, app, challenge, .. } = self;
        let (tasks, close_timeout) = (app.tasks.clone(), config.close_timeout);
        if let Some((class, listener)) = app.class.clone().zip(challenge) {
            let arrivals = Sessions::new(config.max_arrivals, config.max_arrivals_per_address);
            let (tracker, stop) = (tasks.clone(), app.stop.clone());
            let header = config.header;
            tasks.spawn(class::serve_challenge(class, listener, header, arrivals, tracker, stop));
        }
        if let Some(class) = app.class.clone() {
            let app = Arc::clone(&app);
            tasks.spawn(async move {
                tokio::join!(class.run(&app.stop), class::measure(&class, &app.workers, &app.stop));
            });
        }
        // Until now it was another process's, if that has handed it on.
        #[cfg(unix)]
        {
            for (_, listener) in &listeners.http {
                listener.own_file();
            }
            // Nobody listens there any more. They are removed now.
            for file in self.left_over {
                file.own();
            }
        }
        let mut accepting = accept_all(&config, &app, &listeners);
        tokio::select! {
            Some(Err(panic)) = accepting.join_next() => resume_unwind(panic.into_panic()),
            () = keep_timer_armed() => {}
            () = give_back(&app.sessions) => {}
            () = stop.cancelled() => {}
            () = app.retire.cancelled() => {}
        }
        accepting.shutdown().await;
        drop(listeners);
        tasks.close();
        let is_retired = app.retire.is_cancelled() && !stop.is_cancelled();
        app.retire.cancel();
        if is_retired {
            tokio::select! {
                () = tasks.wait() => {}
                () = stop.cancelled() => {}
                () = until(app.policies.now().drain_timeout) => {}
            }
        }
        app.stop.cancel();
        // Each session has this deadline twice: to drain, and to close.
        let _ = timeout(close_timeout * 2, tasks.wait()).await;
    }
}

impl Listeners {
    async fn bind(
        config: &Config,
        inherited: &mut Inherited,
    ) -> Result<(Self, BuiltIn), StartError> {
        let http = listen_on(&config.listen, config.may_listen_above, inherited).await;
        let http = http.map_err(StartError::Page)?;
        check_count(http.len()).map_err(PolicyError::from)?;
        let (mut servers, mut built_in) = (None, Vec::new());
        if let Some(address) = config.tcp_listen {
            let place = format!("{TCP_SERVER} {address}");
            let above = config.may_tcp_listen_above;
            let tcp = listen_at(&place, address, above, inherited).await;
            let (tcp, tcp_address) = tcp.map_err(StartError::TcpServer)?;
            let any = (Ipv4Addr::LOCALHOST, 0).into();
            let plain = listen_at(PLAIN_SERVER, any, false, inherited).await;
            let (plain, plain_address) = plain.map_err(StartError::Loopback)?;
            servers = Some([tcp_address, plain_address]);
            built_in = vec![(place, tcp), (PLAIN_SERVER.to_owned(), plain)];
        }
        let mut addresses = http.iter().filter_map(|(_, listener)| listener.tcp_address());
        let is_open = addresses.any(|address| !address.ip().is_loopback());
        let (header, max_message) = (config.header, config.max_message);
        Ok((Self { http, built_in }, BuiltIn { servers, header, max_message, is_open }))
    }

    fn http_address(&self) -> Option<SocketAddr> {
        self.http.iter().find_map(|(_, listener)| listener.tcp_address())
    }
}

/// The class that the config asks for, and where programs take its challenge.
async fn class_of(
    config: &Config,
    listeners: &Listeners,
    policy: &Policy,
) -> Result<(Option<Arc<Classroom>>, Option<TcpListener>), StartError> {
    let Some(class) = config.class.clone() else { return Ok((None, None)) };
    let (mut challenge, mut told) = (None, None);
    if let Some(asked) = class.challenge {
        let listening = listen(asked.listen, asked.may_listen_above).await;
        let (listener, address) = listening.map_err(StartError::Challenge)?;
        challenge = Some(listener);
        told = Some(framescope_class::Challenge { port: address.port(), header: config.header });
    }
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    let port = listeners.http_address().map_or(0, |address| address.port());
    let secret = policy.secret().map(str::to_owned);
    let class = Classroom::new(class, secret, (scheme, port), told);
    Ok((Some(Arc::new(class)), challenge))
}

/// Acts on a relay that runs.
#[derive(Clone, Debug)]
pub struct RelayHandle {
    app: Arc<App>,
    /// Empty when the relay takes no more connections.
    #[cfg(unix)]
    listeners: Weak<Listeners>,
    built_in: BuiltIn,
    started_with: Arc<Config>,
}

/// A configuration that can be followed, with what it names.
pub struct Prepared {
    config: Config,
    policy: Policy,
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared").field("config", &self.config).finish_non_exhaustive()
    }
}

impl RelayHandle {
    /// The options whose values at the start count until the end.
    pub const TAKES_RESTART: [&str; 6] =
        ["listen", "tcp-listen", "header", "max-message", "record", "no-wire"];

    /// Reads what another configuration names, so that [`RelayHandle::reload`] can follow it. Blocks, and changes nothing.
    ///
    /// # Errors
    ///
    /// Something that the configuration names cannot be used, or it would take away TLS or the last token.
    pub fn prepare(&self, config: Config) -> Result<Prepared, PolicyError> {
        let earlier = self.app.policies.now();
        let policy = policy(&config, &self.built_in, Some(&earlier))?;
        check_protection(&earlier, &policy)?;
        Ok(Prepared { config, policy })
    }

    /// Follows another configuration: its targets, tokens, certificates, origins, proxies, limits and timeouts.
    /// Sessions that are open go on as they began. Returns the options of which the values at the start go on to
    /// count.
    #[must_use]
    pub fn reload(&self, Prepared { config, policy }: Prepared) -> Vec<&'static str> {
        let app = &self.app;
        app.policies.replace(policy);
        app.connections.bound(usize::MAX, config.max_connections_per_address());
        app.sessions.bound(config.max_sessions, config.max_sessions_per_address);
        app.experiments.bound(config.max_experiments, config.max_experiments_per_address);
        let before = &self.started_with;
        let differs = [
            before.listen != config.listen,
            before.tcp_listen != config.tcp_listen,
            before.header != config.header,
            before.max_message != config.max_message,
            before.record != config.record,
            before.wire != config.wire,
        ];
        let options = Self::TAKES_RESTART.into_iter().zip(differs);
        options.filter_map(|(name, differs)| differs.then_some(name)).collect()
    }

    /// Hands all listening sockets on to another process, which goes on taking connections from them.
    ///
    /// # Errors
    ///
    /// The other process is gone, or this relay takes no connections any more.
    #[cfg(unix)]
    pub fn hand_over(&self, to: &std::os::unix::net::UnixStream) -> io::Result<()> {
        use std::os::fd::AsFd as _;
        let Some(listeners) = self.listeners.upgrade() else {
            return Err(io::Error::other("the relay takes no connections any more"));
        };
        let all = listeners.http.iter().chain(&listeners.built_in);
        let sockets: Vec<_> =
            all.map(|(place, listener)| (place.clone(), listener.as_fd())).collect();
        crate::net::send(to, &sockets)
    }

    /// Says at `/readyz` that the relay is about to stop, and returns when a load balancer has had the time to ask.
    pub async fn announce_stop(&self) {
        self.app.is_leaving.store(true, Ordering::Relaxed);
        sleep(self.app.policies.now().stop_delay).await;
    }

    /// Takes no more connections. Sessions go on, for the drain timeout at most. The files of Unix sockets stay,
    /// as another process listens there.
    pub fn retire(&self) {
        #[cfg(unix)]
        if let Some(listeners) = self.listeners.upgrade() {
            for (_, listener) in &listeners.http {
                listener.keep_file();
            }
        }
        self.app.retire.cancel();
    }

    /// How many sessions of the bridge are open.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.app.sessions.count()
    }
}

/// A task for each listener, which takes connections until it is aborted.
fn accept_all(config: &Config, app: &Arc<App>, listeners: &Arc<Listeners>) -> JoinSet<()> {
    let mut accepting = JoinSet::new();
    let http = Arc::new(HttpServer::new(Arc::clone(app), config.max_connections()));
    for index in 0..listeners.http.len() {
        let (http, listeners) = (Arc::clone(&http), Arc::clone(listeners));
        accepting.spawn(async move { http.run(&listeners.http[index].1).await });
    }
    let framed = Kind::Framed { format: config.header, max_message: config.max_message };
    let kinds = [framed, Kind::Plain].into_iter().enumerate().take(listeners.built_in.len());
    for (index, kind) in kinds {
        let rules = Rules { kind, close_timeout: config.close_timeout };
        let (tasks, stop) = (app.tasks.clone(), app.stop.clone());
        let (listeners, most) = (Arc::clone(listeners), config.max_tcp_connections);
        accepting.spawn(async move {
            tcp_server::run(rules, &listeners.built_in[index].1, most, tasks, stop).await;
        });
    }
    accepting
}

async fn until(limit: Option<Duration>) {
    match limit {
        Some(limit) => sleep(limit).await,
        None => std::future::pending().await,
    }
}
