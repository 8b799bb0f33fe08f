//! One run of a series: each program in its own thread, so that the scheduler decides how the bytes are
//! split into chunks.

use std::io::{self, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use framescope_engine::{Answer, Kernel, Run, Syscall, deadlock_us};
use framescope_lab::{
    BlockedOn, Call, ChunkSizes, Command, Event, Experiment, MAX_CALLS, Side, TcpInfo,
};

use super::mailbox::{Mailbox, is_passing, waker};
use super::sockets::Sockets;
use super::stopped::Stopped;
use super::wait::{readable, wait};

/// How often the progress of the run is checked. Checks are counted, not seconds. So programs on a machine
/// that stands still for a second are not taken for programs that wait for ever.
const CHECK: Duration = Duration::from_millis(50);

/// The stack of a program's thread, in bytes. Nothing in it recurses.
const STACK: usize = 256 * 1024;

/// How a run ended.
pub(super) enum Ending {
    /// Every program has ended, or waits for something that will not come.
    Over(ChunkSizes),
    /// A command came that ends the series.
    Interrupted(Command),
    /// The deadline has passed.
    TimeOver,
}

/// Runs the experiment once on new sockets. Its order is ignored, but no client begins before the server has
/// called `listen`. All threads and sockets are gone when this returns.
pub(super) fn run(
    experiment: &Experiment,
    mailbox: &mut Mailbox,
    deadline: Instant,
) -> Result<Ending, Stopped> {
    let sockets = Sockets::open(experiment.clients.len())?;
    let mut programs = experiment
        .sides()
        .zip(sockets)
        .map(|(side, sockets)| Program::new(experiment, side, sockets))
        .collect::<io::Result<Vec<_>>>()?;
    let is_listen = |call: &Call| matches!(call, Call::Listen { .. });
    let before_clients = experiment.server.0.iter().position(is_listen).map_or(0, |at| at + 1);
    let progress = Progress::new(experiment);
    let (ours, theirs) = waker()?;
    // The programs outlive their threads. So a socket that a program leaves open stays open until all have
    // ended.
    thread::scope(|scope| {
        // Dropped at the end of this block. That ends the threads that still wait.
        let ours = ours;
        let (progress, theirs) = (&progress, Arc::new(theirs));
        let mut programs = programs.iter_mut();
        if let Some(server) = programs.next() {
            let waker = Arc::clone(&theirs);
            spawn(scope, move || {
                if server.carry_out(before_clients, progress, &waker) {
                    // If nobody reads it, the run is over.
                    let _ = (&*waker).write_all(&[0]);
                    server.carry_out(MAX_CALLS, progress, &waker);
                }
                progress.set(server.side, ProgramState::Ended);
            })?;
        }
        let start_clients = move || {
            programs.try_for_each(|client| {
                let waker = Arc::clone(&theirs);
                spawn(scope, move || {
                    client.carry_out(MAX_CALLS, progress, &waker);
                    progress.set(client.side, ProgramState::Ended);
                })
            })
        };
        watch(mailbox, &ours, start_clients, progress, deadline)
    })
}

fn spawn<'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() + Send + 'scope,
) -> io::Result<()> {
    let thread = thread::Builder::new().name("lab program".to_owned()).stack_size(STACK);
    thread.spawn_scoped(scope, work).map(drop)
}

/// Waits for the end of a run. `waker` gets a byte when the clients may start, and reaches its end when all
/// threads have ended.
fn watch(
    mailbox: &mut Mailbox,
    mut waker: &UnixStream,
    start_clients: impl FnOnce() -> io::Result<()>,
    progress: &Progress,
    deadline: Instant,
) -> Result<Ending, Stopped> {
    let mut start_clients = Some(start_clients);
    let (mut seen, mut unchanged) = (0, 0);
    loop {
        let mut fds = [readable(mailbox.waker()), readable(waker.as_fd())];
        let is_quiet = wait(&mut fds, Some(CHECK));
        if let Some(command @ (Command::Load(_) | Command::Reset | Command::Series { .. })) =
            mailbox.take()?
        {
            return Ok(Ending::Interrupted(command));
        }
        match waker.read(&mut [0]) {
            Ok(0) => return Ok(Ending::Over(progress.chunk_sizes())),
            Ok(_) => start_clients.take().map_or(Ok(()), |start| start())?,
            Err(error) if is_passing(&error) => {}
            Err(error) => return Err(error.into()),
        }
        if Instant::now() >= deadline {
            return Ok(Ending::TimeOver);
        }
        let (changes, limit) = progress.check();
        unchanged = if is_quiet && changes == seen { unchanged + 1 } else { 0 };
        seen = changes;
        if limit.is_some_and(|limit| CHECK * unchanged >= limit) {
            return Ok(Ending::Over(progress.chunk_sizes()));
        }
    }
}

/// One program, as a run by itself.
struct Program {
    side: Side,
    run: Run<Alone>,
}

impl Program {
    fn new(experiment: &Experiment, side: Side, sockets: Sockets) -> io::Result<Self> {
        let alone = Experiment {
            header: experiment.header,
            server: experiment.program(side).cloned().unwrap_or_default(),
            clients: Vec::new(),
            order: Vec::new(),
        };
        let kernel = Alone { began: Instant::now(), sockets };
        Ok(Self { side, run: Run::new(&alone, kernel).map_err(io::Error::other)? })
    }

    /// Makes up to `calls` calls, and blocks the thread. Returns false if the program must stop: there is
    /// something to read from `stop`, or it has reached its end.
    fn carry_out(&mut self, calls: usize, progress: &Progress, stop: &UnixStream) -> bool {
        for _ in 0..calls {
            if self.run.step_next().is_none() {
                break;
            }
            loop {
                progress.add(self.side, &self.run.take_events());
                let Some((_, on)) = self.run.blocked().next() else { break };
                progress.set(self.side, ProgramState::Waits(on));
                if !self.wait(on, stop) {
                    return false;
                }
                progress.set(self.side, ProgramState::Runs);
                self.run.progress();
            }
        }
        true
    }

    fn wait(&mut self, on: BlockedOn, stop: &UnixStream) -> bool {
        let wake = self.run.next_wake();
        let kernel = self.run.kernel();
        let timeout = wake.map(|at| Duration::from_micros(at.saturating_sub(kernel.now())));
        let mut fds = vec![readable(stop.as_fd())];
        fds.extend(kernel.sockets.awaited(on));
        wait(&mut fds, timeout);
        fds[0].revents().is_empty()
    }
}

/// The kernel, as one program sees it. A series needs no TCP info.
struct Alone {
    began: Instant,
    sockets: Sockets,
}

impl Kernel for Alone {
    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn call(&mut self, _: Side, syscall: &Syscall) -> Answer {
        self.sockets.call(syscall)
    }

    fn tcp_info(&self, _: Side) -> TcpInfo {
        TcpInfo::default()
    }
}

/// What the threads of the programs tell the thread that waits for them.
struct Progress(Mutex<State>);

struct State {
    chunk_sizes: ChunkSizes,
    /// How many events there have been.
    changes: usize,
    /// By side.
    programs: Vec<ProgramState>,
}

#[derive(Clone, Copy)]
enum ProgramState {
    Runs,
    Waits(BlockedOn),
    Ended,
}

impl Progress {
    fn new(experiment: &Experiment) -> Self {
        let programs = experiment.sides().map(|_| ProgramState::Runs).collect();
        Self(Mutex::new(State { chunk_sizes: ChunkSizes::new(experiment), changes: 0, programs }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, side: Side, events: &[Event]) {
        let mut state = self.state();
        state.changes += events.len();
        for event in events {
            state.chunk_sizes.add(side, &event.kind);
        }
    }

    fn set(&self, side: Side, program: ProgramState) {
        self.state().programs[usize::from(side.0)] = program;
    }

    fn chunk_sizes(&self) -> ChunkSizes {
        self.state().chunk_sizes.clone()
    }

    /// How many events there have been. And how long nothing may happen before the programs are taken to wait
    /// for ever; `None` while one of them runs or sleeps.
    fn check(&self) -> (usize, Option<Duration>) {
        let state = self.state();
        let waits = |program: &ProgramState| match program {
            ProgramState::Waits(on) => Some(*on),
            ProgramState::Runs | ProgramState::Ended => None,
        };
        let goes_on = |program: &ProgramState| {
            matches!(program, ProgramState::Runs | ProgramState::Waits(BlockedOn::Clock))
        };
        let limit = deadlock_us(state.programs.iter().filter_map(waits));
        let limit = (!state.programs.iter().any(goes_on)).then_some(limit);
        (state.changes, limit.map(Duration::from_micros))
    }
}
