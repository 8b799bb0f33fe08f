//! Starts the processes of workers.

use std::io::{self, PipeReader};
#[cfg(unix)]
use std::os::unix::process::CommandExt as _;
#[cfg(windows)]
use std::os::windows::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use framescope_lab::NoWire;
#[cfg(unix)]
use rustix::io::ioctl_fionbio;
use tokio::sync::oneshot;

use super::known_wire::{KnownWire, is_outdated};
use super::parent_stream::{Joined, Joint};
use super::process::Process;
use super::thread::ProcessThread;
use super::trial::try_wire;
use super::work::Work;
use crate::wire_choice::WireChoice;

/// A worker that was started. It may not be ready yet.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) process: Process,
    pub(super) joined: Joined,
    wire: Result<(), NoWire>,
    since: Instant,
}

impl Started {
    /// Whether another worker may have a wire by now, and this one has none.
    pub(super) fn is_outdated(&self) -> bool {
        is_outdated(&self.wire, self.since, Instant::now())
    }
}

/// The place of a worker that was started before it is needed.
pub(super) type Spare = Mutex<Option<Started>>;

/// Starts workers of one executable, for the same work.
#[derive(Clone, Debug)]
pub(super) struct Spawner {
    executable: PathBuf,
    work: Work,
    wire: Arc<KnownWire>,
    thread: ProcessThread,
}

impl Spawner {
    /// The second value is closed when this, its clones and all processes are gone.
    pub(super) fn new(
        executable: PathBuf,
        work: Work,
        wire: WireChoice,
    ) -> io::Result<(Self, oneshot::Receiver<()>)> {
        let (thread, ended) = ProcessThread::start()?;
        let wire = Arc::new(KnownWire::new(wire));
        Ok((Self { executable, work, wire, thread }, ended))
    }

    /// A worker has not become ready. Returns whether the next one may, because it has no wire.
    pub(super) fn doubt_wire(&self) -> bool {
        self.wire.doubt()
    }

    /// Starts a worker.
    pub(super) async fn start(&self) -> io::Result<Started> {
        let (reply, started) = oneshot::channel();
        let spawner = self.clone();
        // If the caller has gone, the process is dropped with the reply.
        self.thread.run(move || drop(reply.send(spawner.start_now())));
        started.await.unwrap_or_else(|_| Err(io::Error::other("the thread of workers has ended")))
    }

    /// Starts a worker for this place, soon. If it cannot, the place stays empty.
    pub(super) fn start_spare(&self, spare: &Arc<Spare>) {
        let (spawner, spare) = (self.clone(), Arc::downgrade(spare));
        self.thread.run(move || {
            let Some(spare) = spare.upgrade() else { return };
            // The lock is not held while the process starts.
            if lock(&spare).is_some() {
                return;
            }
            let started = spawner.start_now().ok();
            let _before = std::mem::replace(&mut *lock(&spare), started);
        });
    }

    /// Starts a process. It inherits its end of the channel, the end of a pipe for its last words, and nothing else.
    fn start_now(&self) -> io::Result<Started> {
        let since = Instant::now();
        let wire = self.wire.get(since, || try_wire(&self.executable));
        let mut command = Command::new(&self.executable);
        self.work.prepare(&mut command, &wire);
        let joint = Joint::new(&mut command)?;
        let stderr = last_words(&mut command)?;
        stand_apart(&mut command);
        let mut child = command.spawn()?;
        let joined = joint.join(&mut child)?;
        let process = Process::new(child, stderr, self.thread.clone());
        Ok(Started { process, joined, wire, since })
    }
}

/// The process writes its last words to this pipe. Nobody reads them before it has ended, so on Unix no write waits. On
/// Windows, a panic's message fits into the pipe.
fn last_words(command: &mut Command) -> io::Result<PipeReader> {
    let (stderr, childs) = io::pipe()?;
    #[cfg(unix)]
    {
        ioctl_fionbio(&childs, true)?;
        ioctl_fionbio(&stderr, true)?;
    }
    command.stderr(childs);
    Ok(stderr)
}

/// Ctrl+C in the relay's terminal is for the relay.
#[cfg(unix)]
fn stand_apart(command: &mut Command) {
    command.process_group(0);
}

/// Ctrl+C in the relay's terminal is for the relay, and no window opens. Without this variable, Windows has no sockets.
#[cfg(windows)]
fn stand_apart(command: &mut Command) {
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    command.creation_flags(CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW);
    command.envs(std::env::var_os("SystemRoot").map(|root| ("SystemRoot", root)));
}

/// Takes the worker of a place.
pub(super) fn take(spare: &Spare) -> Option<Started> {
    lock(spare).take()
}

fn lock(spare: &Spare) -> std::sync::MutexGuard<'_, Option<Started>> {
    spare.lock().unwrap_or_else(PoisonError::into_inner)
}
