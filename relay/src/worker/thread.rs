//! The thread that starts and reaps the processes of workers.
//!
//! Linux ends a worker with the *thread* that started it (`PR_SET_PDEATHSIG` in prctl(2)). A thread of tokio
//! may end at any time. This one ends after its last worker.

use std::io;
use std::sync::mpsc::{self, Sender};
use std::thread;

use tokio::sync::oneshot;

type Task = Box<dyn FnOnce() + Send>;

/// Runs tasks in their order, in one thread. It ends when all clones of this are gone. Each process has one.
#[derive(Clone, Debug)]
pub(super) struct ProcessThread {
    tasks: Sender<Task>,
}

impl ProcessThread {
    /// Starts the thread. The second value is closed when the thread has ended.
    pub(super) fn start() -> io::Result<(Self, oneshot::Receiver<()>)> {
        let (tasks, receiver) = mpsc::channel::<Task>();
        let (running, ended) = oneshot::channel();
        thread::Builder::new().name("workers".to_owned()).spawn(move || {
            let _running = running;
            for task in receiver {
                task();
            }
        })?;
        Ok((Self { tasks }, ended))
    }

    /// Runs a task, soon.
    pub(super) fn run(&self, task: impl FnOnce() + Send + 'static) {
        if let Err(mpsc::SendError(task)) = self.tasks.send(Box::new(task)) {
            // The thread has panicked.
            task();
        }
    }
}
