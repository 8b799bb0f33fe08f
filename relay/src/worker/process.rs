//! The process of a worker, as the relay has it.

use std::io::{PipeReader, Read as _};
use std::process::{Child, ExitStatus};

use tokio::sync::oneshot;

use super::thread::ProcessThread;

/// How much of what a worker wrote to standard error is read, in bytes: the message of a panic.
const MAX_STDERR: u64 = 4096;

/// The process of a worker. It is killed when this is dropped, and always reaped.
#[derive(Debug)]
pub(super) struct Process {
    id: u32,
    state: State,
    thread: ProcessThread,
}

#[derive(Debug)]
enum State {
    Runs {
        child: Child,
        stderr: PipeReader,
    },
    /// It was killed.
    Dies(oneshot::Receiver<Ended>),
    Reaped(Ended),
    /// While it is killed.
    Between,
}

/// What is known of a process that was reaped.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    /// `None`: the system does not know it.
    pub(super) status: Option<ExitStatus>,
    /// The beginning of what it wrote to standard error.
    pub(super) stderr: String,
}

impl Process {
    /// A process that `thread` has started, and will reap.
    pub(super) fn new(child: Child, stderr: PipeReader, thread: ProcessThread) -> Self {
        Self { id: child.id(), state: State::Runs { child, stderr }, thread }
    }

    /// The process id. It may belong to another process once this one is reaped.
    pub(super) const fn id(&self) -> u32 {
        self.id
    }

    /// Whether it has not ended.
    pub(super) fn is_running(&mut self) -> bool {
        match &mut self.state {
            State::Runs { child, .. } => matches!(child.try_wait(), Ok(None)),
            State::Dies(_) | State::Reaped(_) | State::Between => false,
        }
    }

    /// Kills it if it still runs, and waits until it is reaped. The future may be dropped and called again.
    ///
    /// A process that has begun to exit keeps its exit status. So this may be called when its channel ends.
    pub(super) async fn end(&mut self) -> Ended {
        self.kill();
        if let State::Dies(reaped) = &mut self.state {
            let ended = reaped.await;
            self.state = ended.map_or(State::Between, State::Reaped);
        }
        match &self.state {
            State::Reaped(ended) => ended.clone(),
            State::Runs { .. } | State::Dies(_) | State::Between => {
                Ended { status: None, stderr: String::new() }
            }
        }
    }

    /// Kills it if it still runs. The thread reaps it.
    pub(super) fn kill(&mut self) {
        match std::mem::replace(&mut self.state, State::Between) {
            State::Runs { mut child, stderr } => {
                // It fails if the process has ended already.
                let _ = child.kill();
                let (reaped, receiver) = oneshot::channel();
                // If nobody waits for it, the process is reaped all the same.
                self.thread.run(move || drop(reaped.send(reap(child, stderr))));
                self.state = State::Dies(receiver);
            }
            other @ (State::Dies(_) | State::Reaped(_) | State::Between) => self.state = other,
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Waits for the end of a process that was killed.
fn reap(mut child: Child, stderr: PipeReader) -> Ended {
    let status = child.wait().ok();
    let mut bytes = Vec::new();
    // The pipe does not block. What was read before an error stays.
    let _ = stderr.take(MAX_STDERR).read_to_end(&mut bytes);
    Ended { status, stderr: String::from_utf8_lossy(&bytes).into_owned() }
}
