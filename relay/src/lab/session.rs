//! A session of the lab whose programs are Python: passes commands from a WebSocket to a worker, and reports
//! back.

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use bytes::Bytes;
use framescope_lab::{Command, Experiment, MAX_COMMAND, MAX_REPORT, Report};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use crate::session_end::SessionEnd;
use crate::websocket::{self, Keepalive, Received, Receiver, Sender, WebSocket};
use crate::worker::{Heard, Worker, WorkerError, Workers};

/// Obeys the client until one side ends or `stop` is cancelled, then closes. The worker's process is killed
/// when this returns. `already_read` are bytes of the client that came after its upgrade request.
pub(crate) async fn run<S: AsyncRead + AsyncWrite + Unpin>(
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
    let mut experiments = Experiments::new(workers);
    let keepalive = Keepalive::new(ping_interval);
    let end = tokio::select! {
        () = stop.cancelled() => SessionEnd::RelayStopping,
        end = serve(&mut to_client, &mut from_client, &keepalive, &mut experiments) => end,
    };
    drop(experiments);
    websocket::close(to_client, from_client, &end, close_timeout).await;
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
            received = from_client.receive(), if experiments.take_commands() => match received {
                Ok(Received::Bytes(bytes)) => {
                    keepalive.heard();
                    let command = Command::decode(&bytes).map_err(SessionEnd::CommandRefused);
                    command.and_then(|command| experiments.obey(command))
                }
                Ok(Received::SignOfLife) => {
                    keepalive.heard();
                    Ok(())
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

/// How many commands may wait for a worker. One more waits in the connection, and then it is not seen that a
/// client leaves.
const MAX_WAITING: usize = 16;

/// One experiment after the other, each in a new worker.
struct Experiments<'a> {
    workers: &'a Workers,
    loaded: Option<Experiment>,
    place: Place<'a>,
    /// The commands that the worker has not got yet.
    waiting: VecDeque<Command>,
    /// Whether the client was told that the last experiment is loaded.
    is_answered: bool,
    /// What the client is told before anything else.
    answers: VecDeque<Report>,
}

/// The place of a worker.
enum Place<'a> {
    /// Nothing is loaded, or the worker has failed.
    Empty,
    /// The worker before has ended or ends, and one starts.
    Starts(BoxFuture<'a, Result<Worker, WorkerError>>),
    Runs(Box<Worker>),
}

impl<'a> Experiments<'a> {
    const fn new(workers: &'a Workers) -> Self {
        Self {
            workers,
            loaded: None,
            place: Place::Empty,
            waiting: VecDeque::new(),
            is_answered: true,
            answers: VecDeque::new(),
        }
    }

    fn take_commands(&self) -> bool {
        self.waiting.len() < MAX_WAITING
    }

    /// Passes a command on, when the worker takes it.
    fn obey(&mut self, command: Command) -> Result<(), SessionEnd> {
        match (command, &self.loaded) {
            (Command::Load(experiment), _) => self.load(experiment),
            (Command::Reset, Some(experiment)) => self.load(experiment.clone()),
            (_, None) => return Err(SessionEnd::NothingLoaded),
            (command, Some(_)) => self.waiting.push_back(command),
        }
        Ok(())
    }

    /// The old worker's sockets are closed before another one begins. A client counts its loads and their answers, to know of
    /// which one a report is. So one that is not carried out, because another one follows, is answered too.
    fn load(&mut self, experiment: Experiment) {
        if !mem::replace(&mut self.is_answered, false) {
            self.answers.push_back(Report::Loaded(Vec::new()));
        }
        let workers = self.workers;
        self.waiting = VecDeque::from([Command::Load(experiment.clone())]);
        let checked = workers.work().check(&experiment);
        self.loaded = Some(experiment);
        if let Err(why) = checked {
            return self.refuse(why);
        }
        self.place = match mem::replace(&mut self.place, Place::Empty) {
            Place::Empty => Place::Starts(workers.start().boxed()),
            starts @ Place::Starts(_) => starts,
            Place::Runs(old) => Place::Starts(
                async move {
                    old.end().await;
                    workers.start().await
                }
                .boxed(),
            ),
        };
    }

    /// Nothing runs.
    fn refuse(&mut self, why: &str) {
        self.is_answered = true;
        self.answers.extend([Report::Loaded(Vec::new()), Report::Failed(why.to_owned())]);
        self.place = Place::Empty;
    }

    /// What the worker says. Never comes without one. Cancel-safe.
    async fn hear(&mut self) -> Heard {
        if let Some(answer) = self.answers.pop_front() {
            return Heard::Report(answer);
        }
        let heard = self.hear_worker().await;
        if let Heard::Report(report @ Report::Failed(_)) = heard {
            if mem::replace(&mut self.is_answered, true) {
                return Heard::Report(report);
            }
            self.answers.push_back(report);
            return Heard::Report(Report::Loaded(Vec::new()));
        }
        self.is_answered |= matches!(heard, Heard::Report(Report::Loaded(_)));
        heard
    }

    async fn hear_worker(&mut self) -> Heard {
        loop {
            let heard = match &mut self.place {
                Place::Empty => {
                    // The client has not yet read that the worker has failed.
                    self.waiting.clear();
                    return std::future::pending().await;
                }
                Place::Starts(starts) => match starts.await {
                    Ok(worker) => {
                        self.place = Place::Runs(Box::new(worker));
                        continue;
                    }
                    Err(error) => Err(error),
                },
                Place::Runs(worker) => pass(worker, &mut self.waiting).await,
            };
            return heard.unwrap_or_else(|error| {
                self.place = Place::Empty;
                Heard::Report(Report::Failed(error.to_string()))
            });
        }
    }
}

/// Passes the next command to a worker that has taken the one before, and waits for what it says.
async fn pass(worker: &mut Worker, waiting: &mut VecDeque<Command>) -> Result<Heard, WorkerError> {
    if worker.has_sent()
        && let Some(command) = waiting.pop_front()
    {
        worker.send(&command)?;
    }
    worker.recv().await
}
