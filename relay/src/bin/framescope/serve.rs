//! Serving until a signal: the page, the bridge, the TCP server and the lab, and a class.

use std::io::{Write as _, stdout};
use std::net::SocketAddr;

use anyhow::Context as _;
use framescope::{Config, DroppedLines, Relay, StartError, reachable};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::class::ClassArgs;
use crate::cli::Cli;
use crate::desktop::Surroundings;
use crate::log::LogQueue;
use crate::signals::Signals;

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
    let opens_browser = cli.opens_browser(Surroundings::look());
    let config = cli.into_config()?;
    let asked = [config.listen, config.tcp_listen];
    run(serve_until_signal(config, "--listen", log, |relay, scheme| {
        let page = format!("{scheme}://{}/", reachable(relay.http_address()));
        let text = addresses(relay, &page, asked);
        (text, opens_browser.then_some(page))
    }))
}

/// Serves a class until a signal comes, and keeps what was asked to be kept of it.
pub(crate) fn serve_class(class: ClassArgs, log: &(LogQueue, DroppedLines)) -> anyhow::Result<()> {
    let opens_browser = Surroundings::look().is_desktop();
    run(async {
        let beginning = class.begin().await?;
        let mut class = None;
        serve_until_signal(beginning.config.clone(), "--port", log, |relay, _| {
            class = relay.class();
            let text = format!("{}stop with   Ctrl-C\n", beginning.text(relay));
            (text, opens_browser.then(|| beginning.teacher(relay)))
        })
        .await?;
        class.map_or(Ok(()), |class| beginning.keep(&class))
    })
}

/// Returns when the stop's deadline has passed: it does not wait for threads that the system holds, as in a look-up without
/// an answer.
fn run(serve: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    raise_descriptor_limit();
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
        StartError::Loopback(_) | StartError::Workers(_) | _ => return error.into(),
    };
    anyhow::anyhow!("{error}; {option} chooses another")
}

/// Serves until a signal comes. `say` is what is printed first, and what a browser is to open.
///
/// A second signal ends the stop at once, and may cut recordings that are being written.
async fn serve_until_signal(
    config: Config,
    page_option: &str,
    (log, dropped_lines): &(LogQueue, DroppedLines),
    say: impl FnOnce(&Relay, &str) -> (String, Option<String>),
) -> anyhow::Result<()> {
    let config = Config { dropped_log_lines: dropped_lines.clone(), ..config };
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    let relay = Relay::bind(config).await.map_err(|error| named(error, page_option))?;
    // Before the addresses are printed: a parent that waits for them may send a signal at once.
    let mut signals = Signals::listen().context("cannot listen for signals")?;
    let (text, to_open) = say(&relay, scheme);
    // If our output is closed, nobody reads the addresses. We serve anyway.
    let _ = stdout().write_all(text.as_bytes());
    if let Some(page) = to_open
        && open::that_detached(&page).is_err()
    {
        log.say(&format!("framescope: no browser could be opened; open {page} yourself"));
    }
    let stop = CancellationToken::new();
    let mut running = tokio::spawn(relay.run(stop.clone()));
    tokio::select! {
        // Nothing else ends it before a signal.
        ended = &mut running => return ended.context("the relay failed"),
        () = signals.next() => {}
    }
    info!("stopping");
    stop.cancel();
    tokio::select! {
        stopped = running => stopped.context("the relay failed while it stopped"),
        // A second signal: do not wait for slow clients.
        () = signals.next() => Ok(()),
    }
}

/// Where the relay serves, and if that is elsewhere than it was asked to, why.
fn addresses(relay: &Relay, page: &str, asked: [SocketAddr; 2]) -> String {
    let (listening, tcp) = (relay.http_address(), relay.tcp_address());
    let network = if listening.ip().is_unspecified() {
        format!("            and on port {} of this machine's other addresses\n", listening.port())
    } else {
        String::new()
    };
    let mut lines = vec![format!("page        {page}\n{network}TCP server  {tcp}\n")];
    for (asked, got) in asked.into_iter().zip([listening, tcp]) {
        if asked.port() != 0 && asked != got {
            let (asked, got) = (asked.port(), got.port());
            lines.push(format!("note        port {asked} is taken, so it is {got}\n"));
        }
    }
    lines.push("stop with   Ctrl-C\n".to_owned());
    lines.concat()
}
