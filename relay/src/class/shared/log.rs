//! The log of a class that relays share: what happens at this relay's pages is appended to it, and what all relays have
//! appended comes back.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::OrderedConfig;
use async_nats::jetstream::message::PublishMessage;
use bytes::Bytes;
use framescope_class::{Entry, Refused, Show};
use futures_util::TryStreamExt as _;
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{sleep, timeout};
use tracing::warn;

use super::shared_class::SharedClass;
use super::stream::Subjects;
use crate::class::log_lost::{LogGone, LogLost};

/// The most entries of one message, and the most that wait for the next.
const BATCH: usize = 128;

/// How often a message is sent, if no answer comes. The stream keeps it once.
const TRIES: usize = 3;

/// How long what the stream has may be on its way back.
const RETURN: Duration = Duration::from_secs(10);

/// How long what the stream has takes at most, unless it is not read any more.
const SOON: Duration = Duration::from_secs(2);

/// How long after an error the log is read again.
const READ_AGAIN: Duration = Duration::from_secs(1);

type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;
type Outcome = std::result::Result<(), Refused>;

/// A message of the log.
#[derive(Debug, Serialize, Deserialize)]
struct Batch {
    /// Who has appended it.
    relay: u64,
    /// The relay's number of it.
    number: u64,
    entries: Vec<Entry>,
}

/// An entry on its way to the log, and whoever waits for what becomes of it.
struct Waiting {
    entry: Entry,
    outcome: oneshot::Sender<Outcome>,
}

/// Entries that wait until those before them are in the log. All that wait together go in one message.
struct Queue {
    sender: mpsc::Sender<Waiting>,
    receiver: tokio::sync::Mutex<mpsc::Receiver<Waiting>>,
    /// The most entries of one message.
    batch: usize,
}

impl Queue {
    fn new(batch: usize) -> Self {
        let (sender, receiver) = mpsc::channel(BATCH);
        Self { sender, receiver: tokio::sync::Mutex::new(receiver), batch }
    }
}

/// The log, from one relay.
pub(in crate::class) struct Log {
    shared: SharedClass,
    /// What the teacher's page shows. A message has one part of it, because the parts are long.
    shown: Queue,
    /// Everything else.
    entries: Queue,
    numbers: AtomicU64,
    /// What was appended does not come back.
    is_missing: Notify,
    /// Who waits for the outcomes of a message of this relay, by its number.
    on_way: Mutex<HashMap<u64, oneshot::Sender<Vec<Outcome>>>>,
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Log").field("shared", &self.shared).finish_non_exhaustive()
    }
}

impl Log {
    pub(in crate::class) fn new(shared: SharedClass) -> Self {
        Self {
            shared,
            shown: Queue::new(1),
            entries: Queue::new(BATCH),
            numbers: AtomicU64::new(0),
            is_missing: Notify::new(),
            on_way: Mutex::default(),
        }
    }

    /// Appends an entry. Returns what has become of it when the stream has it and this relay has applied it.
    pub(in crate::class) async fn append(
        &self,
        entry: Entry,
    ) -> std::result::Result<Outcome, LogLost> {
        let queue = if matches!(entry, Entry::Show(..)) { &self.shown } else { &self.entries };
        let (outcome, applied) = oneshot::channel();
        queue.sender.send(Waiting { entry, outcome }).await.map_err(|_| LogLost)?;
        applied.await.map_err(|_| LogLost)
    }

    /// Appends what waits, and lets `apply` have what all relays append, in the log's order, and whether it is this relay's
    /// own. It ends if the class is no longer in NATS.
    pub(in crate::class) async fn run(&self, apply: impl Fn(bool, Entry) -> Outcome) -> LogGone {
        tokio::select! {
            () = self.send(&self.entries) => LogGone,
            () = self.send(&self.shown) => LogGone,
            gone = self.read(apply) => gone,
        }
    }

    async fn send(&self, queue: &Queue) {
        let mut receiver = queue.receiver.lock().await;
        let mut waiting = Vec::new();
        while receiver.recv_many(&mut waiting, queue.batch).await > 0 {
            let (entries, outcomes): (Vec<_>, Vec<_>) =
                waiting.drain(..).map(|waiting| (waiting.entry, waiting.outcome)).unzip();
            match self.send_batch(entries).await {
                Ok(applied) => {
                    for (outcome, waits) in applied.into_iter().zip(outcomes) {
                        // Who has asked may have gone.
                        let _ = waits.send(outcome);
                    }
                }
                // Who waits for an outcome learns that there is none.
                Err(error) => warn!(%error, "the log of the class cannot be reached"),
            }
        }
    }

    /// Sends a message, and waits for its return.
    async fn send_batch(&self, entries: Vec<Entry>) -> Result<Vec<Outcome>> {
        let Some(first) = entries.first() else { return Ok(Vec::new()) };
        let subjects = Subjects(self.shared.code);
        let subject = subjects.of(first);
        let begins_run = matches!(first, Entry::Show(_, Show::Run(_)));
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let batch = Batch { relay: self.shared.relay, number, entries };
        let payload = postcard::to_stdvec(&batch)?.into();
        let (outcomes, returned) = oneshot::channel();
        self.on_way().insert(number, outcomes);
        let applied = async {
            let sequence = self.publish(subject, payload, number).await?;
            let outcomes = timeout(RETURN, self.come_back(returned)).await??;
            Ok((sequence, outcomes))
        };
        let applied: Result<_> = applied.await;
        self.on_way().remove(&number);
        let (sequence, outcomes) = applied?;
        if begins_run {
            self.purge_before(sequence).await;
        }
        Ok(outcomes)
    }

    /// Waits for the outcomes of what the stream has. If they do not come soon, the log is read again: NATS may have forgotten
    /// who reads it.
    async fn come_back(
        &self,
        mut returned: oneshot::Receiver<Vec<Outcome>>,
    ) -> std::result::Result<Vec<Outcome>, oneshot::error::RecvError> {
        loop {
            tokio::select! {
                outcomes = &mut returned => return outcomes,
                () = sleep(SOON) => self.is_missing.notify_one(),
            }
        }
    }

    /// Returns its number in the stream when the stream has it.
    async fn publish(&self, subject: String, payload: Bytes, number: u64) -> Result<u64> {
        let message_id = format!("{:016x}-{number}", self.shared.relay);
        let mut tries = 1;
        loop {
            let message = PublishMessage::build().payload(payload.clone()).message_id(&message_id);
            let sent = async {
                let ack = self.shared.context.send_publish(subject.clone(), message).await?;
                ack.await
            };
            match sent.await {
                Ok(ack) => return Ok(ack.sequence),
                Err(error) if tries == TRIES => return Err(error.into()),
                Err(_) => tries += 1,
            }
        }
    }

    /// Nobody needs the runs and places that were shown before. What is not removed now is removed with the next run.
    async fn purge_before(&self, sequence: u64) {
        let (subjects, stream) = (Subjects(self.shared.code), &self.shared.stream);
        let runs = stream.purge().filter(subjects.run()).sequence(sequence);
        let places = stream.purge().filter(subjects.place()).keep(1);
        if let Err(error) = tokio::try_join!(runs.into_future(), places.into_future()) {
            warn!(%error, "runs that are not shown any more stay in the log");
        }
    }

    async fn read(&self, apply: impl Fn(bool, Entry) -> Outcome) -> LogGone {
        let mut next = 1;
        let mut connected = self.shared.connected.clone();
        loop {
            connected.mark_unchanged();
            tokio::select! {
                read = self.read_from(&mut next, &apply) => match read {
                    Ok(Some(gone)) => return gone,
                    Ok(None) => {}
                    Err(error) => {
                        warn!(%error, "the log of the class is read again");
                        sleep(READ_AGAIN).await;
                    }
                },
                // The server has forgotten who reads. If the client is gone, so is the relay.
                Ok(()) = connected.changed() => {}
                () = self.is_missing.notified() => {}
            }
        }
    }

    /// Reads from this number on, until the connection ends. It may be to a server that has lost the class, and on which
    /// somebody opens another one just then. So it is first subscribed to, and then looked at.
    async fn read_from(
        &self,
        next: &mut u64,
        apply: impl Fn(bool, Entry) -> Outcome,
    ) -> Result<Option<LogGone>> {
        let consumer = self.shared.stream.create_consumer(OrderedConfig {
            filter_subject: Subjects(self.shared.code).all(),
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: *next },
            ..OrderedConfig::default()
        });
        let mut messages = consumer.await?.messages().await?;
        if self.shared.is_gone().await? {
            return Ok(Some(LogGone));
        }
        while let Some(message) = messages.try_next().await? {
            let sequence = message.info()?.stream_sequence;
            // What was applied before an error is not applied again.
            if sequence < *next {
                continue;
            }
            *next = sequence + 1;
            let Ok(batch) = postcard::from_bytes::<Batch>(&message.payload) else {
                warn!(sequence, "a message of the log is none of a relay");
                continue;
            };
            let is_own = batch.relay == self.shared.relay;
            let entries = batch.entries.into_iter();
            let outcomes = entries.map(|entry| apply(is_own, entry)).collect();
            let waits = is_own.then(|| self.on_way().remove(&batch.number)).flatten();
            if let Some(waits) = waits {
                // It waits no longer than it may.
                let _ = waits.send(outcomes);
            }
        }
        Ok(None)
    }

    /// Nothing panics while it holds the lock.
    fn on_way(&self) -> MutexGuard<'_, HashMap<u64, oneshot::Sender<Vec<Outcome>>>> {
        self.on_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
