//! Running an experiment: the same steps, whatever the kernel.

use crate::kernel::{Answer, BlockedOn};
use crate::process::{Outcome, Process, Syscall};
use crate::simulated_kernel::SimulatedKernel;
use crate::trace::{Event, Happened, Source, Trace};
use crate::{Data, Experiment, Kernel, MAX_EVENTS, OutOfBounds, Side, Value};

/// How long a step is watched before the next one begins, in microseconds: long enough for a
/// delayed acknowledgement, short beside a second SYN.
pub const SETTLE_US: u64 = 60_000;

/// The longest run, in microseconds: ten minutes.
pub const MAX_RUN_US: u64 = 600_000_000;

/// An experiment under way on some kernel. It decides what is called when; waiting is the affair
/// of its driver, which has a clock.
#[derive(Debug)]
pub struct Run<K> {
    kernel: K,
    tasks: Vec<Task>,
    trace: Trace,
    /// The steps of the order that have been begun.
    steps: usize,
}

/// What [`Run::begin_next`] began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// A step of the order, by this side: it is watched before the next begins.
    Step(Side),
    /// A call of a program that runs freely.
    Call,
    /// Nothing: every program has ended or waits.
    Nothing,
}

#[derive(Debug)]
struct Task {
    side: Side,
    process: Process,
    under_way: bool,
    /// What the call waits for, and for a sleep, until when.
    blocked: Option<(BlockedOn, u64)>,
}

impl<K: Kernel> Run<K> {
    /// A run before its first step.
    ///
    /// # Errors
    ///
    /// [`OutOfBounds`] where the experiment is larger than it may be.
    pub fn new(experiment: Experiment, source: Source, kernel: K) -> Result<Self, OutOfBounds> {
        experiment.check()?;
        let task = |side| Task {
            side,
            process: Process::new(
                experiment.program(side).cloned().unwrap_or_default(),
                experiment.header,
            ),
            under_way: false,
            blocked: None,
        };
        let tasks = experiment.sides().map(task).collect();
        Ok(Self { kernel, tasks, trace: Trace::new(source, experiment), steps: 0 })
    }

    /// The kernel, for its driver.
    pub const fn kernel(&mut self) -> &mut K {
        &mut self.kernel
    }

    /// What was recorded so far.
    #[must_use]
    pub fn into_trace(self) -> Trace {
        self.trace
    }

    /// Begins the next call of the order, which is a step, or when the order is used up, of the
    /// first side that is ready.
    pub fn begin_next(&mut self) -> Begun {
        let ready = |task: &&mut Task| !task.under_way && task.process.current().is_some();
        while let Some(side) = self.trace.experiment.order.get(self.steps).copied() {
            self.steps += 1;
            if self.tasks.iter_mut().filter(ready).any(|task| task.side == side) {
                self.begin(usize::from(side.0));
                return Begun::Step(side);
            }
        }
        let Some(side) = self.tasks.iter_mut().find(ready).map(|task| task.side) else {
            return Begun::Nothing;
        };
        self.begin(usize::from(side.0));
        Begun::Call
    }

    /// Lets every call under way go on until each has returned or waits, or the record is full.
    pub fn progress(&mut self) {
        while !self.is_full() && (0..self.tasks.len()).any(|index| self.advance(index)) {}
    }

    /// Is a call of that side asleep? Then its step is not over.
    #[must_use]
    pub fn is_asleep(&self, side: Side) -> bool {
        let task = self.tasks.get(usize::from(side.0));
        matches!(task.and_then(|task| task.blocked), Some((BlockedOn::Clock, _)))
    }

    /// Does any call wait?
    #[must_use]
    pub fn waits(&self) -> bool {
        self.tasks.iter().any(|task| task.under_way)
    }

    /// When the first sleeping program wakes, in microseconds.
    #[must_use]
    pub fn next_wake(&self) -> Option<u64> {
        let sleeps = self.tasks.iter().filter_map(|task| match task.blocked {
            Some((BlockedOn::Clock, until)) => Some(until),
            _ => None,
        });
        sleeps.min()
    }

    /// What the blocked calls wait for.
    pub fn blocked(&self) -> impl Iterator<Item = (Side, BlockedOn)> {
        self.tasks.iter().filter_map(|task| task.blocked.map(|(on, _)| (task.side, on)))
    }

    /// Has the record reached its bound? Then the run is over.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.trace.events.len() >= MAX_EVENTS
    }

    fn begin(&mut self, index: usize) {
        let Some(call) = self.tasks[index].process.current() else { return };
        self.record(index, call, Happened::Began);
        match self.tasks[index].process.begin() {
            Some(value) => self.record(index, call, Happened::Returned(value)),
            None => self.tasks[index].under_way = true,
        }
    }

    /// Makes one system call of a task; says whether anything came of it.
    fn advance(&mut self, index: usize) -> bool {
        let task = &self.tasks[index];
        let (Some(call), Some(syscall), true) =
            (task.process.current(), task.process.wants(), task.under_way)
        else {
            return false;
        };
        let answer = match (&syscall, task.blocked) {
            (Syscall::Sleep { .. }, Some((_, until))) if until <= self.kernel.now() => {
                Answer::Done(Outcome::Done)
            }
            (Syscall::Sleep { .. }, _) => Answer::Blocked(BlockedOn::Clock),
            _ => self.kernel.call(task.side, &syscall),
        };
        match answer {
            Answer::Blocked(on) => {
                if self.tasks[index].blocked.is_none() {
                    let until = match syscall {
                        Syscall::Sleep { ms } => self.kernel.now() + u64::from(ms) * 1000,
                        _ => 0,
                    };
                    self.tasks[index].blocked = Some((on, until));
                    self.record(index, call, Happened::Blocked(on));
                }
                false
            }
            Answer::Done(outcome) => {
                self.take(index, call, &syscall, outcome);
                true
            }
        }
    }

    fn take(&mut self, index: usize, call: usize, syscall: &Syscall, outcome: Outcome) {
        self.tasks[index].blocked = None;
        if let Some(happened) = happened(syscall, &outcome) {
            self.record(index, call, happened);
        }
        let Some(value) = self.tasks[index].process.take(outcome) else { return };
        self.tasks[index].under_way = false;
        let failed = matches!(value, Value::Error(_));
        self.record(index, call, Happened::Returned(value));
        if failed {
            // A program that ends in an error closes its socket, as Python's would.
            self.kernel.call(self.tasks[index].side, &Syscall::Close);
        }
    }

    fn record(&mut self, index: usize, call: usize, happened: Happened) {
        if self.is_full() {
            return;
        }
        let figures = self.tasks.iter().map(|task| self.kernel.figures(task.side)).collect();
        self.trace.events.push(Event {
            at: self.kernel.now(),
            side: self.tasks[index].side,
            call: u16::try_from(call).unwrap_or(u16::MAX),
            happened,
            figures,
        });
    }
}

/// What a system call's outcome looks like in a trace; `None` where the call's return says it all.
fn happened(syscall: &Syscall, outcome: &Outcome) -> Option<Happened> {
    match (syscall, outcome) {
        (Syscall::Send(bytes), Outcome::Sent(count)) => {
            Some(Happened::Sent(Data(bytes[..*count].to_vec())))
        }
        (Syscall::Recv(asked), Outcome::Received(bytes)) => {
            Some(Happened::Received { asked: *asked, got: Data(bytes.clone()) })
        }
        (_, Outcome::Failed(errno)) => Some(Happened::Failed(*errno)),
        _ => None,
    }
}

/// Runs the whole experiment on the simulated kernel.
///
/// # Errors
///
/// [`OutOfBounds`] where the experiment is larger than it may be.
pub fn simulate(experiment: &Experiment) -> Result<Trace, OutOfBounds> {
    let kernel = SimulatedKernel::new(experiment.clients.len());
    let mut run = Run::new(experiment.clone(), Source::Simulated, kernel)?;
    while !run.is_full() {
        match run.begin_next() {
            Begun::Step(side) => settle(&mut run, side),
            Begun::Call => run.progress(),
            Begun::Nothing => {
                // Nobody is ready: only the clock can help.
                let next = next_time(&mut run).filter(|at| run.waits() && *at <= MAX_RUN_US);
                let Some(at) = next else { break };
                run.kernel().advance(at);
                run.progress();
            }
        }
    }
    Ok(run.into_trace())
}

/// Watches what comes of a step, as long as some call waits for something.
fn settle(run: &mut Run<SimulatedKernel>, side: Side) {
    let until = run.kernel().now() + SETTLE_US;
    run.progress();
    while let Some(at) = next_time(run) {
        if at > until && !run.is_asleep(side) {
            break;
        }
        run.kernel().advance(at);
        run.progress();
    }
    if run.waits() {
        run.kernel().advance(until);
    }
}

/// When the kernel or a sleeping program goes on by itself.
fn next_time(run: &mut Run<SimulatedKernel>) -> Option<u64> {
    let wake = run.next_wake();
    run.kernel().next_timer().into_iter().chain(wake).min()
}
