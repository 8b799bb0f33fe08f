//! The relay's end of a worker.

use std::io;
use std::time::Duration;

use framescope_lab::{Command, Report};
use tokio::time::{Instant, timeout_at};
use tracing::warn;

use super::death::Death;
use super::error::WorkerError;
use super::frames::{Frames, append};
use super::limits::Limits;
use super::message::{MAX_FROM_WORKER, MAX_TO_WORKER, Said};
use super::parent_stream::ParentStream;
use super::process::Process;
use super::spawner::Started;

/// How long a worker may take for an answer that it gives at once: 30 seconds. All others go first on a busy machine.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// What a worker says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It has begun to obey the next command.
    Obeyed,
    /// Something has happened.
    Report(Report),
}

/// A worker. Its process is killed and reaped when this is dropped.
#[derive(Debug)]
pub struct Worker {
    process: Process,
    stream: ParentStream,
    frames: Frames,
    /// Messages that were not sent yet, from `sent` on.
    output: Vec<u8>,
    sent: usize,
    /// The error that ended it.
    error: Option<WorkerError>,
    limits: Limits,
    /// How many messages it owes at once: that it is ready, and that it obeyed.
    owed: usize,
    /// Until when it must say something, if it owes any.
    deadline: Instant,
}

impl Worker {
    /// Waits until a worker that was started is ready.
    pub(super) async fn ready(started: Started, limits: Limits) -> Result<Self, WorkerError> {
        let Started { process, joined, .. } = started;
        let stream = ParentStream::open(joined)
            .map_err(|error| WorkerError::NotStarted(error.to_string()))?;
        let mut worker = Self {
            process,
            stream,
            frames: Frames::new(MAX_FROM_WORKER),
            output: Vec::new(),
            sent: 0,
            error: None,
            limits,
            owed: 1,
            deadline: Instant::now() + ANSWER_TIMEOUT,
        };
        match worker.next().await? {
            Said::Ready => {
                worker.owed = 0;
                Ok(worker)
            }
            Said::Obeyed | Said::Report(_) => Err(worker.fail(WorkerError::NotAMessage)),
        }
    }

    /// Whether its process runs. It may have died after it was ready.
    pub(super) fn is_there(&mut self) -> bool {
        self.process.is_running()
    }

    /// Its process id, while it lives.
    #[must_use]
    pub const fn id(&self) -> u32 {
        self.process.id()
    }

    /// Puts a command into the queue. [`Worker::recv`] sends it.
    ///
    /// # Errors
    ///
    /// The queue would have more than [`MAX_TO_WORKER`] bytes.
    pub fn send(&mut self, command: &Command) -> Result<(), WorkerError> {
        self.output.drain(..self.sent);
        self.sent = 0;
        let left = MAX_TO_WORKER.saturating_sub(self.output.len());
        append(command, left, &mut self.output)
            .map_err(|error| WorkerError::TooLong { length: error.length, limit: error.limit })?;
        if self.owed == 0 {
            self.deadline = Instant::now() + ANSWER_TIMEOUT;
        }
        self.owed += 1;
        Ok(())
    }

    /// Whether all commands were sent, so that the queue has room for any other.
    #[must_use]
    pub const fn has_sent(&self) -> bool {
        self.output.is_empty()
    }

    /// Sends what is in the queue, and waits for what the worker says. The future may be dropped: nothing is lost.
    ///
    /// # Errors
    ///
    /// Any. The worker is of no more use then: its process is killed, and the same error comes again. A worker
    /// that has said nothing for [`ANSWER_TIMEOUT`], and has not obeyed a command, is
    /// [`WorkerError::Silent`].
    pub async fn recv(&mut self) -> Result<Heard, WorkerError> {
        match self.next().await? {
            Said::Report(report) => Ok(Heard::Report(report)),
            Said::Obeyed if self.owed > 0 => {
                self.owed -= 1;
                Ok(Heard::Obeyed)
            }
            Said::Obeyed | Said::Ready => Err(self.fail(WorkerError::NotAMessage)),
        }
    }

    /// Kills it, and waits until its process is gone. Dropping it does the same, but does not wait.
    pub async fn end(mut self) {
        self.process.end().await;
    }

    /// What it says next.
    async fn next(&mut self) -> Result<Said, WorkerError> {
        loop {
            if let Some(error) = &self.error {
                return Err(error.clone());
            }
            match self.frames.next() {
                Ok(Some(said)) => {
                    self.deadline = Instant::now() + ANSWER_TIMEOUT;
                    return Ok(said);
                }
                Ok(None) => {}
                Err(_) => return Err(self.fail(WorkerError::NotAMessage)),
            }
            let deadline = (self.owed > 0).then_some(self.deadline);
            let transferred = match deadline {
                None => self.read_or_write().await,
                Some(deadline) => {
                    let Ok(transferred) = timeout_at(deadline, self.read_or_write()).await else {
                        let seconds = ANSWER_TIMEOUT.as_secs();
                        return Err(self.fail(WorkerError::Silent { seconds }));
                    };
                    transferred
                }
            };
            if transferred.is_err() {
                return Err(self.died().await);
            }
        }
    }

    /// Waits until bytes are received or sent. An error if the channel has ended.
    async fn read_or_write(&mut self) -> io::Result<()> {
        let output = self.output.get(self.sent..).unwrap_or_default();
        self.sent += self.stream.transfer(&mut self.frames, output).await?;
        if self.sent == self.output.len() {
            (self.output, self.sent) = (Vec::new(), 0);
        }
        Ok(())
    }

    /// Its channel has ended: it has died, or does as soon as it is killed.
    async fn died(&mut self) -> WorkerError {
        let ended = self.process.end().await;
        let stderr = ended.stderr.trim();
        if !stderr.is_empty() {
            warn!("a worker ended and wrote: {}", stderr.replace('\n', " "));
        }
        let death = match ended.status {
            Some(status) => Death::new(status, stderr, &self.limits),
            None => Death::Status(-1),
        };
        self.fail(WorkerError::Died(death))
    }

    /// It is of no more use.
    fn fail(&mut self, error: WorkerError) -> WorkerError {
        self.process.kill();
        self.error = Some(error.clone());
        error
    }
}
