//! The workers of a relay.

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::oneshot;

use super::error::WorkerError;
use super::parent::Worker;
use super::spawner::{Spare, Spawner, take};
use super::work::Work;
use crate::wire_choice::WireChoice;

/// Starts workers. After the first one, another is kept ready, so that it is there at once.
#[derive(Debug)]
pub struct Workers {
    spare: Arc<Spare>,
    work: Work,
    spawner: Spawner,
    thread_ended: oneshot::Receiver<()>,
}

impl Workers {
    /// Workers of this executable, which must be `framescope`. `None`: the executable of this process.
    ///
    /// # Errors
    ///
    /// The system starts no thread, or does not say which executable this is.
    pub fn new(executable: Option<PathBuf>, work: Work, wire: WireChoice) -> io::Result<Self> {
        let executable = executable.map_or_else(own_executable, Ok)?;
        let (spawner, thread_ended) = Spawner::new(executable, work.clone(), wire)?;
        Ok(Self { spare: Arc::default(), work, spawner, thread_ended })
    }

    /// A worker will be asked for soon. It is started now, if none is kept ready.
    pub fn prepare(&self) {
        self.spawner.start_spare(&self.spare);
    }

    /// A worker that is ready. Call it inside of a tokio runtime.
    ///
    /// # Errors
    ///
    /// [`WorkerError::NotStarted`] if the system starts no process, and others if the process does not become
    /// ready.
    pub async fn start(&self) -> Result<Worker, WorkerError> {
        let Some(started) = take(&self.spare).filter(|spare| !spare.is_outdated()) else {
            let worker = self.start_cold().await?;
            self.prepare();
            return Ok(worker);
        };
        self.prepare();
        if let Ok(mut worker) = Worker::ready(started, self.work.limits()).await
            && worker.is_there()
        {
            return Ok(worker);
        }
        // It has died while nobody looked.
        self.start_cold().await
    }

    /// What its workers run.
    pub(crate) const fn work(&self) -> &Work {
        &self.work
    }

    /// Waits until all processes and the thread are gone. Workers that others still have are waited for.
    pub async fn close(self) {
        let Self { spare, spawner, thread_ended, .. } = self;
        drop((spare, spawner));
        // Nothing is ever sent: this is an error when the thread has ended.
        let _ = thread_ended.await;
    }

    /// What a wire takes may have gone since it was tried. Then a second worker has none.
    async fn start_cold(&self) -> Result<Worker, WorkerError> {
        match self.start_one().await {
            Err(WorkerError::Died(_)) if self.spawner.doubt_wire() => self.start_one().await,
            started => started,
        }
    }

    async fn start_one(&self) -> Result<Worker, WorkerError> {
        let started = self.spawner.start().await;
        let started = started.map_err(|error| WorkerError::NotStarted(error.to_string()))?;
        Worker::ready(started, self.work.limits()).await
    }
}

/// The executable of this process. On Linux it is the one that runs, even if its file was replaced.
///
/// # Errors
///
/// The system does not say which executable this is.
pub fn own_executable() -> io::Result<PathBuf> {
    let running = Path::new("/proc/self/exe");
    if cfg!(target_os = "linux") && running.exists() {
        return Ok(running.to_owned());
    }
    env::current_exe()
}
