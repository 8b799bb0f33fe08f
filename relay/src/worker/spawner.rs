//! Starts the processes of workers.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use framescope_lab::NoWire;
use rustix::io::ioctl_fionbio;
use tokio::sync::oneshot;

use super::limits::Limits;
use super::process::Process;
use super::thread::ProcessThread;
use super::trial::try_wire;
use crate::wire_choice::WireChoice;

/// A worker that was started. It may not be ready yet.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) process: Process,
    /// The relay's end of the pair of sockets. It does not block.
    pub(super) stream: UnixStream,
}

/// The place of a worker that was started before it is needed.
pub(super) type Spare = Mutex<Option<Started>>;

/// Starts workers of one executable, with the same limits.
#[derive(Clone, Debug)]
pub(super) struct Spawner {
    executable: PathBuf,
    limits: Limits,
    /// Whether workers have a wire. It is found out before the first one starts.
    wire: Arc<OnceLock<Result<(), NoWire>>>,
    thread: ProcessThread,
}

impl Spawner {
    /// The second value is closed when this, its clones and all processes are gone.
    pub(super) fn new(
        executable: PathBuf,
        limits: Limits,
        wire: WireChoice,
    ) -> io::Result<(Self, oneshot::Receiver<()>)> {
        let (thread, ended) = ProcessThread::start()?;
        let known = OnceLock::new();
        if wire == WireChoice::Off {
            // It is empty until now.
            let _ = known.set(Err(NoWire::off()));
        }
        Ok((Self { executable, limits, wire: Arc::new(known), thread }, ended))
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

    /// Starts a process. It inherits its end of a pair of sockets, the end of a pipe for its last words, and
    /// nothing else.
    fn start_now(&self) -> io::Result<Started> {
        let wire = self.wire.get_or_init(|| try_wire(&self.executable));
        let (stream, childs) = UnixStream::pair()?;
        stream.set_nonblocking(true)?;
        let (stderr, childs_stderr) = io::pipe()?;
        // Nobody reads it before the process has ended, so a write must not wait.
        ioctl_fionbio(&childs_stderr, true)?;
        ioctl_fionbio(&stderr, true)?;
        let child = Command::new(&self.executable)
            .args(self.limits.arguments())
            .args(wire_arguments(wire))
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(OwnedFd::from(childs)))
            .stdout(Stdio::null())
            .stderr(childs_stderr)
            // Ctrl+C in the relay's terminal is for the relay.
            .process_group(0)
            .spawn()?;
        Ok(Started { process: Process::new(child, stderr, self.thread.clone()), stream })
    }
}

/// The arguments that tell a worker which network its programs run on.
fn wire_arguments(wire: &Result<(), NoWire>) -> Option<String> {
    // Plain values can always be written as JSON.
    wire.as_ref().err().map(|why| format!("--no-wire={}", serde_json::json!(why)))
}

/// Takes the worker of a place.
pub(super) fn take(spare: &Spare) -> Option<Started> {
    lock(spare).take()
}

fn lock(spare: &Spare) -> std::sync::MutexGuard<'_, Option<Started>> {
    spare.lock().unwrap_or_else(PoisonError::into_inner)
}
