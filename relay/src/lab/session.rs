//! A session of the lab: passes commands from a WebSocket to the runner, and reports back.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use framescope_lab::{Command, MAX_COMMAND};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::keepalive::Keepalive;
use super::mailbox::{self, mailbox};
use super::runner::{self, MAX_REPORT};
use super::stopped::Stopped;
use super::websocket::{self, Received, Receiver, Sender, WebSocket};
use crate::net::linger;
use crate::session_end::SessionEnd;

/// How many reports may wait for the client. One more makes the runner wait.
const CAPACITY: usize = 4;

/// Obeys the client until one side ends or `stop` is cancelled, then closes. The runner's thread and all its
/// sockets are gone when this returns. `already_read` are bytes of the client that came after its upgrade
/// request.
pub(crate) async fn run<S: AsyncRead + AsyncWrite + Unpin>(
    client: S,
    already_read: Bytes,
    ping_interval: Duration,
    close_timeout: Duration,
    stop: &CancellationToken,
) -> SessionEnd {
    let client = WebSocket::new(client, already_read, MAX_COMMAND, MAX_REPORT).await;
    let (mut to_client, mut from_client) = client.split();
    let keepalive = Keepalive::new(ping_interval);
    let end = serve(&mut to_client, &mut from_client, &keepalive, stop).await;
    let end = end.unwrap_or_else(SessionEnd::LabFailed);
    let _ = timeout(close_timeout, to_client.farewell(&end)).await;
    let mut client = websocket::into_stream(to_client, from_client);
    let _ = timeout(close_timeout, linger(&mut client)).await;
    end
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    to_client: &mut Sender<S>,
    from_client: &mut Receiver<S>,
    keepalive: &Keepalive,
    stop: &CancellationToken,
) -> io::Result<SessionEnd> {
    let (commands, mailbox) = mailbox()?;
    let (sender, mut reports) = mpsc::channel(CAPACITY);
    let runner = spawn_blocking(move || runner::run(mailbox, sender));
    let end = tokio::select! {
        () = stop.cancelled() => Some(SessionEnd::RelayStopping),
        end = pass_commands(from_client, commands, keepalive) => Some(end),
        end = pass_reports(&mut reports, to_client, keepalive) => end,
    };
    // This tells a runner that waits to send a report that the session is over. A runner that waits for a
    // command knows already, because the sender of commands is dropped.
    drop(reports);
    let stopped = runner.await.map_err(io::Error::other)?;
    match (end, stopped) {
        (Some(end), _) => Ok(end),
        (None, Stopped::NothingLoaded) => Ok(SessionEnd::NothingLoaded),
        (None, Stopped::Failed(error)) => Err(error),
        (None, Stopped::SessionGone) => Ok(SessionEnd::ClientClosed),
    }
}

/// Passes commands from the client to the runner, until there are no more.
async fn pass_commands<S: AsyncRead + AsyncWrite + Unpin>(
    from_client: &mut Receiver<S>,
    mut commands: mailbox::Sender,
    keepalive: &Keepalive,
) -> SessionEnd {
    loop {
        let received = match from_client.receive().await {
            Ok(received) => received,
            Err(end) => return end,
        };
        keepalive.heard();
        let Received::Bytes(bytes) = received else { continue };
        let command = match Command::decode(&bytes) {
            Ok(command) => command,
            Err(error) => return SessionEnd::OldCommandRefused(error),
        };
        // While the runner waits until the client takes reports, we do not read from the client.
        if keepalive.without_reading(commands.send(command)).await.is_err() {
            // The session learns why the runner has ended after its last report.
            return std::future::pending().await;
        }
    }
}

/// Passes reports from the runner to the client, and sends pings, which tell a quiet client from a dead one.
/// `None`: the runner has ended.
async fn pass_reports<S: AsyncRead + AsyncWrite + Unpin>(
    reports: &mut mpsc::Receiver<Bytes>,
    to_client: &mut Sender<S>,
    keepalive: &Keepalive,
) -> Option<SessionEnd> {
    let mut pings = keepalive.pings();
    loop {
        let sent = tokio::select! {
            report = reports.recv() => keepalive.send(to_client, report?).await,
            _ = pings.tick() => keepalive.ping(to_client).await,
        };
        if let Err(end) = sent {
            return Some(end);
        }
    }
}
