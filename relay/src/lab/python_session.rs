//! A session of the lab whose programs are Python: passes commands from a WebSocket to a worker, and reports
//! back.

use std::time::Duration;

use bytes::Bytes;
use framescope_lab::python::{Command, Experiment, MAX_COMMAND, MAX_REPORT, Report};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::keepalive::Keepalive;
use super::websocket::{self, Received, Receiver, Sender, WebSocket};
use crate::net::linger;
use crate::session_end::SessionEnd;
use crate::worker::{Heard, Worker, WorkerError, Workers};

/// Obeys the client until one side ends or `stop` is cancelled, then closes. The worker's process is killed
/// when this returns. `already_read` are bytes of the client that came after its upgrade request.
pub(crate) async fn run_python<S: AsyncRead + AsyncWrite + Unpin>(
    client: S,
    already_read: Bytes,
    ping_interval: Duration,
    close_timeout: Duration,
    workers: &Workers,
    stop: &CancellationToken,
) -> SessionEnd {
    workers.prepare();
    let client = WebSocket::new(client, already_read, MAX_COMMAND, MAX_REPORT).await;
    let (mut to_client, mut from_client) = client.split();
    let mut experiments = Experiments { workers, loaded: None, worker: None };
    let keepalive = Keepalive::new(ping_interval);
    let end = tokio::select! {
        () = stop.cancelled() => SessionEnd::RelayStopping,
        end = serve(&mut to_client, &mut from_client, &keepalive, &mut experiments) => end,
    };
    drop(experiments);
    let _ = timeout(close_timeout, to_client.farewell(&end)).await;
    let mut client = websocket::into_stream(to_client, from_client);
    let _ = timeout(close_timeout, linger(&mut client)).await;
    end
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    to_client: &mut Sender<S>,
    from_client: &mut Receiver<S>,
    keepalive: &Keepalive,
    experiments: &mut Experiments<'_>,
) -> SessionEnd {
    let mut pings = keepalive.pings();
    loop {
        let done = tokio::select! {
            // A worker that is busy takes its next command later.
            received = from_client.receive(), if experiments.take_commands() => match received {
                Ok(received) => {
                    keepalive.heard();
                    obey(received, to_client, keepalive, experiments).await
                }
                Err(end) => Err(end),
            },
            heard = experiments.hear() => match heard {
                Heard::Report(report) => keepalive.send(to_client, report.encode().into()).await,
                Heard::Obeyed => Ok(()),
            },
            _ = pings.tick() => keepalive.ping(to_client).await,
        };
        if let Err(end) = done {
            return end;
        }
    }
}

async fn obey<S: AsyncRead + AsyncWrite + Unpin>(
    received: Received,
    to_client: &mut Sender<S>,
    keepalive: &Keepalive,
    experiments: &mut Experiments<'_>,
) -> Result<(), SessionEnd> {
    let Received::Bytes(bytes) = received else { return Ok(()) };
    let command = Command::decode(&bytes).map_err(SessionEnd::CommandRefused)?;
    match experiments.obey(command).await? {
        Some(failed) => keepalive.send(to_client, failed.encode().into()).await,
        None => Ok(()),
    }
}

/// One experiment after the other, each in a worker of its own.
struct Experiments<'a> {
    workers: &'a Workers,
    loaded: Option<Experiment>,
    /// `None` if it has failed.
    worker: Option<Worker>,
}

impl Experiments<'_> {
    /// Whether the next command can be passed on now.
    fn take_commands(&self) -> bool {
        self.worker.as_ref().is_none_or(Worker::has_sent)
    }

    /// Passes a command on. Returns the report of a worker that could not be started.
    async fn obey(&mut self, command: Command) -> Result<Option<Report>, SessionEnd> {
        let command = match (command, &self.loaded) {
            (Command::Load(experiment), _) => {
                self.loaded = Some(experiment.clone());
                Command::Load(experiment)
            }
            (Command::Reset, Some(experiment)) => Command::Load(experiment.clone()),
            (_, None) => return Err(SessionEnd::NothingLoaded),
            (command, Some(_)) => command,
        };
        let passed = match (&command, &mut self.worker) {
            (Command::Load(_), _) => self.load(&command).await,
            (_, Some(worker)) => worker.send(&command),
            // The client has not yet read that the worker has failed.
            (_, None) => Ok(()),
        };
        Ok(passed.err().map(|error| self.failed(&error)))
    }

    /// The old worker's sockets are closed before another one begins.
    async fn load(&mut self, load: &Command) -> Result<(), WorkerError> {
        if let Some(worker) = self.worker.take() {
            worker.end().await;
        }
        let worker = self.worker.insert(self.workers.start().await?);
        worker.send(load)
    }

    /// What the worker says. Never comes without one. Cancel-safe.
    async fn hear(&mut self) -> Heard {
        let Some(worker) = &mut self.worker else { return std::future::pending().await };
        match worker.recv().await {
            Ok(heard) => heard,
            Err(error) => Heard::Report(self.failed(&error)),
        }
    }

    fn failed(&mut self, error: &WorkerError) -> Report {
        self.worker = None;
        Report::Failed(error.to_string())
    }
}
