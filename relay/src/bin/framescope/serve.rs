//! Serving until a signal: the page, the bridge, the TCP server and the lab, and a class.

use std::env;
use std::io::{Write as _, stdout};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use framescope::{
    Config, DEFAULT_LISTEN, DroppedLines, Inherited, ListenOn, Relay, RelayHandle, StartError,
    reachable,
};
use tokio::runtime::Runtime;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tracing::{error, info, warn};

use crate::arguments::{self, ParseError};
use crate::class::ClassArgs;
use crate::cli::{Cli, one_sentence};
use crate::desktop::Surroundings;
use crate::log::LogQueue;
#[cfg(unix)]
use crate::restart::{Predecessor, Program, Starting, Successor};
use crate::service_manager;
use crate::signals::{Signal, Signals};
use crate::watch::{self, WatchArgs};

/// Raises the limit on descriptors to the most that the system allows. A session takes up to three
/// descriptors, and on many systems a process starts with a limit of 1,024.
#[cfg(unix)]
fn raise_descriptor_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    // setrlimit(2) of macOS takes at most OPEN_MAX there.
    let most = cfg!(target_os = "macos").then_some(10_240);
    limit.current = match (limit.maximum, most) {
        (Some(maximum), Some(most)) => Some(maximum.min(most)),
        (maximum, most) => maximum.or(most),
    };
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "cannot raise the limit on open descriptors");
    }
}

#[cfg(not(unix))]
fn raise_descriptor_limit() {}

/// Serves the page, the bridge, the TCP server and the lab until a signal comes.
pub(crate) fn serve(cli: Cli, log: &(LogQueue, DroppedLines)) -> anyhow::Result<()> {
    raise_descriptor_limit();
    let opens_browser = cli.opens_browser(Surroundings::look());
    let config = cli.into_config()?;
    let asked = (config.listen.clone(), config.tcp_listen);
    let say = |relay: &Relay, scheme: &str| {
        let page = relay.http_address().map(|own| format!("{scheme}://{}/", reachable(own)));
        let text = addresses(relay, page.as_deref(), &asked.0, asked.1);
        (text, page.filter(|_| opens_browser))
    };
    run(serve_until_signal(config, "--listen", log, say, Some(reread)))
}

/// What the command line and the file say now.
fn reread() -> anyhow::Result<Config> {
    match arguments::parse(env::args_os()) {
        Ok(cli) => cli.into_config(),
        Err(ParseError::Clap(error)) => bail!("{}", one_sentence(error)),
        Err(ParseError::File(error)) => Err(error.into()),
    }
}

/// Serves a class until a signal comes, and keeps what was asked to be kept of it.
pub(crate) fn serve_class(class: ClassArgs, log: &(LogQueue, DroppedLines)) -> anyhow::Result<()> {
    raise_descriptor_limit();
    let opens_browser = Surroundings::look().is_desktop();
    run(async {
        let beginning = class.begin().await?;
        let mut class = None;
        let say = |relay: &Relay, _: &str| {
            class = relay.class();
            let text = format!("{}stop with   Ctrl-C\n", beginning.text(relay));
            (text, opens_browser.then(|| beginning.teacher(relay)))
        };
        serve_until_signal(beginning.config.clone(), "--port", log, say, None).await?;
        class.map_or(Ok(()), |class| beginning.keep(&class))
    })
}

/// Serves a page that steps programs as they are, until a signal comes. They have the limit on descriptors that this process
/// was started with.
pub(crate) fn serve_watched(
    arguments: &WatchArgs,
    log: &(LogQueue, DroppedLines),
) -> anyhow::Result<()> {
    let opens_browser = Surroundings::look().is_desktop();
    let watched = watch::to_step(arguments)?;
    let port = arguments.port.unwrap_or(DEFAULT_LISTEN.port());
    let config = Config {
        watched: Some(watched),
        listen: vec![SocketAddr::new(DEFAULT_LISTEN.ip(), port).into()],
        tcp_listen: None,
        may_listen_above: arguments.port.is_none(),
        ..Config::default()
    };
    let asked = config.listen.clone();
    let say = |relay: &Relay, scheme: &str| {
        let page = relay.http_address().map(|own| format!("{scheme}://{}/", reachable(own)));
        let text = addresses(relay, page.as_deref(), &asked, None);
        (text, page.filter(|_| opens_browser))
    };
    run(serve_until_signal(config, "--port", log, say, None))
}

/// Returns when the stop's deadline has passed: it does not wait for threads that the system holds, as in a look-up without
/// an answer.
fn run(serve: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let runtime = Runtime::new().context("cannot start the runtime")?;
    let served = runtime.block_on(serve);
    runtime.shutdown_background();
    served
}

/// Why the relay cannot start, and the option that chooses another port.
fn named(error: StartError, page_option: &str) -> anyhow::Error {
    let option = match &error {
        StartError::Page(_) => page_option,
        StartError::TcpServer(_) => "--tcp-listen",
        StartError::Challenge(_) => "--challenge-port",
        StartError::Policy(_) | StartError::Loopback(_) | StartError::Workers(_) | _ => {
            return error.into();
        }
    };
    anyhow::anyhow!("{error}; {option} chooses another")
}

/// Serves until a signal comes. `say` is what is printed first, and what a browser is to open. `reread` is the
/// configuration as it is now; without it SIGHUP is a stop too.
///
/// A second signal ends the stop at once, and may cut recordings that are being written.
async fn serve_until_signal(
    config: Config,
    page_option: &str,
    (log, dropped_lines): &(LogQueue, DroppedLines),
    say: impl FnOnce(&Relay, &str) -> (String, Option<String>),
    reread: Option<fn() -> anyhow::Result<Config>>,
) -> anyhow::Result<()> {
    let config = Config { dropped_log_lines: dropped_lines.clone(), ..config };
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    #[cfg(unix)]
    let program = Program::of_this_process();
    #[cfg(unix)]
    let (predecessor, inherited) = match Predecessor::take_over()? {
        Some((predecessor, inherited)) => (Some(predecessor), inherited),
        None => (None, Inherited::from_systemd()),
    };
    #[cfg(not(unix))]
    let inherited = Inherited::default();
    let relay = Relay::take_over(config, inherited).await;
    let relay = relay.map_err(|error| named(error, page_option))?;
    // Before the addresses are printed: a parent that waits for them may send a signal at once.
    let mut signals = Signals::listen().context("cannot listen for signals")?;
    let (text, to_open) = say(&relay, scheme);
    // If our output is closed, nobody reads the addresses. We serve anyway.
    let _ = stdout().write_all(text.as_bytes());
    if let Some(page) = to_open
        && open::that_detached(&page).is_err()
    {
        log.say(&format!("no browser could be opened; open {page} yourself"));
    }
    let stop = CancellationToken::new();
    let handle = relay.handle();
    let mut running = tokio::spawn(relay.run(stop.clone()));
    #[cfg(unix)]
    if let Some(predecessor) = predecessor {
        // If it is gone, nobody else serves.
        if let Err(error) = predecessor.replace() {
            warn!(%error, "the process before this one is gone");
        }
    }
    service_manager::ready();
    // A task, so that a restart that takes its time does not look like a process that hangs.
    let _watchdog = AbortOnDropHandle::new(tokio::spawn(service_manager::watchdog()));
    #[cfg(unix)]
    let mut successor = None;
    loop {
        let signal = tokio::select! {
            // It has retired, and its last session has ended.
            ended = &mut running => return ended.context("the relay failed"),
            signal = signals.next() => signal,
        };
        match signal {
            Signal::Stop => break,
            Signal::Reload => match reread {
                Some(reread) => reload(&handle, reread).await,
                None => break,
            },
            #[cfg(unix)]
            Signal::Restart => match reread {
                None => info!("this command cannot be replaced while it runs"),
                Some(_) if successor.is_some() => {
                    warn!("another process has taken over already; ask that one to restart");
                }
                Some(reread) => match restart(&program, &handle, &mut signals, reread).await {
                    Restart::Failed => {}
                    Restart::TakenOver(watch) => successor = Some(watch),
                    Restart::Stopped => break,
                },
            },
            #[cfg(not(unix))]
            Signal::Restart => {}
        }
    }
    info!("stopping");
    service_manager::stopping();
    tokio::select! {
        () = handle.announce_stop() => {}
        () = signals.stop() => {}
    }
    stop.cancel();
    tokio::select! {
        stopped = running => stopped.context("the relay failed while it stopped"),
        // A second signal: do not wait for slow clients.
        () = signals.stop() => Ok(()),
    }
}

/// How long it may take to read the configuration and all files that it names.
const READING: Duration = Duration::from_secs(10);

/// Follows the configuration as it is now. What is wrong with it is logged, and the old one stays. If a disk does not answer,
/// signals are obeyed all the same after a while.
async fn reload(relay: &RelayHandle, reread: fn() -> anyhow::Result<Config>) {
    #[cfg(unix)]
    service_manager::reloading();
    let reading = relay.clone();
    let reading = spawn_blocking(move || reread().and_then(|config| Ok(reading.prepare(config)?)));
    let read = timeout(READING, reading).await;
    let read = read.with_context(|| format!("reading it has taken {} s", READING.as_secs()));
    match read.and_then(|read| read.context("the reload failed")).flatten() {
        Ok(prepared) => {
            for option in relay.reload(prepared) {
                warn!("the option {option} has changed, which takes a restart");
            }
            info!("the configuration was read again");
        }
        Err(error) => error!("the configuration cannot be used, so the old one stays: {error:#}"),
    }
    service_manager::ready();
}

/// How a restart went.
#[cfg(unix)]
enum Restart {
    /// This process goes on.
    Failed,
    /// Another process takes the connections. It is watched until this is dropped.
    TakenOver(AbortOnDropHandle<()>),
    /// A stop came meanwhile. The new process is stopped too.
    Stopped,
}

/// Lets a new process take over. If it cannot, this one goes on. Signals are obeyed meanwhile.
#[cfg(unix)]
async fn restart(
    program: &Program,
    relay: &RelayHandle,
    signals: &mut Signals,
    reread: fn() -> anyhow::Result<Config>,
) -> Restart {
    let failed = |error: anyhow::Error| {
        error!("no other process takes over, so this one stays: {error:#}");
        Restart::Failed
    };
    let mut starting = match Starting::start(program, relay) {
        Ok(starting) => starting,
        Err(error) => return failed(error),
    };
    let mut is_reloaded = false;
    loop {
        tokio::select! {
            // A stop that is there already is for the new process too.
            biased;
            signal = signals.next() => match signal {
                Signal::Stop => {
                    if let Some(successor) = starting.serves_already() {
                        info!(process = successor.id(), "the stop is passed on to the new process");
                        successor.stop();
                    } else {
                        info!("the new process is killed, as a stop came before it served");
                    }
                    return Restart::Stopped;
                }
                Signal::Reload => {
                    reload(relay, reread).await;
                    is_reloaded = true;
                }
                Signal::Restart => info!("a restart goes on already"),
            },
            served = starting.serves() => {
                let successor = match served {
                    Ok(successor) => successor,
                    Err(error) => return failed(error),
                };
                if is_reloaded {
                    // It may have read its configuration before.
                    successor.reload();
                }
                let (process, sessions) = (successor.id(), relay.sessions());
                if let Some(process) = process {
                    service_manager::replaced_by(process);
                }
                relay.retire();
                info!(process, sessions, "another process has taken over; sessions go on here");
                return Restart::TakenOver(AbortOnDropHandle::new(tokio::spawn(watch(successor))));
            }
        }
    }
}

/// Waits until the process that has taken over has ended, and says so.
#[cfg(unix)]
async fn watch(mut successor: Successor) {
    let process = successor.id();
    match successor.ended().await {
        Ok(status) if status.success() => {
            info!(process, "the process that had taken over has ended");
        }
        Ok(status) => error!(
            process,
            %status,
            "the process that had taken over has failed: unless another has taken its place, nobody takes \
             connections. This process has no listening sockets any more and cannot take over again. Start the \
             program again"
        ),
        Err(error) => {
            warn!(%error, process, "the process that has taken over cannot be waited for");
        }
    }
}

/// Where the relay serves, and if that is elsewhere than it was asked to, why.
fn addresses(
    relay: &Relay,
    page: Option<&str>,
    asked: &[ListenOn],
    asked_tcp: Option<SocketAddr>,
) -> String {
    let (listening, tcp) = (relay.http_address(), relay.tcp_address());
    let mut lines = Vec::new();
    if let (Some(page), Some(listening)) = (page, listening) {
        lines.push(format!("page        {page}\n"));
        if listening.ip().is_unspecified() {
            let port = listening.port();
            lines.push(format!(
                "            and on port {port} of this machine's other addresses\n"
            ));
        }
    }
    let others = relay.http_places();
    for (index, place) in others.iter().enumerate() {
        let is_first = index == 0 && page.is_none();
        lines.push(format!("{}{place}\n", if is_first { "page        " } else { "also        " }));
    }
    lines.extend(tcp.map(|tcp| format!("TCP server  {tcp}\n")));
    let asked_page = asked.iter().find_map(ListenOn::tcp);
    for (asked, got) in [(asked_page, listening), (asked_tcp, tcp)] {
        if let (Some(asked), Some(got)) = (asked, got)
            && asked.port() != 0
            && asked != got
        {
            let (asked, got) = (asked.port(), got.port());
            lines.push(format!("note        port {asked} is taken, so it is {got}\n"));
        }
    }
    lines.push("stop with   Ctrl-C\n".to_owned());
    lines.concat()
}
