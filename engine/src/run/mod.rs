//! A run: an experiment under way on some kernel.
//!
//! In go an experiment, a [`Kernel`](crate::Kernel) and the steps to take. Out come the events that
//! happened, and whether and until when to wait. Waiting itself is the driver's, which has a clock: the
//! relay's threads for real sockets, [`simulate`] and its relatives for the simulated kernel.
//!
//! May use: `kernel`, `simulated_kernel`.

mod deadlock;
mod process;
mod simulate;

use std::collections::VecDeque;

use framescope_lab::{
    BlockedOn, Event, EventKind, Experiment, MAX_EVENTS, MAX_RUN_US, OutOfBounds, RunEnd, Side,
    Value,
};
use framescope_record::Data;

use crate::kernel::{Answer, Kernel, Outcome, Syscall};

pub use self::deadlock::deadlock_us;
pub use self::process::Process;
pub use self::simulate::{simulate, simulate_freely};

/// How long a step is watched before the next one begins, in microseconds: long enough for a
/// delayed acknowledgement, short beside a second SYN.
const SETTLE_US: u64 = 60_000;

/// How much a run that is played records before its driver has to take it, in bytes.
const ENOUGH_TO_TAKE: usize = 256 * 1024;

/// An experiment under way on some kernel. It decides what is called when; waiting is the affair
/// of its driver, which has a clock.
///
/// The programs are stepped by hand with [`Run::step`] and [`Run::step_next`], or played to their
/// end with [`Run::play`], or first one and then the other.
#[derive(Debug)]
pub struct Run<K> {
    kernel: K,
    tasks: Vec<Task>,
    /// The steps of the order that are still to be begun.
    order: VecDeque<Side>,
    /// Whose step is watched while playing, and until when.
    watched: Option<(Side, u64)>,
    /// When something last happened.
    quiet_since: u64,
    /// What was recorded and not taken yet.
    events: Vec<Event>,
    /// A bound on how long that is when encoded, in bytes.
    untaken: usize,
    recorded: usize,
}

/// How a run that is played goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Play on as soon as a blocked call could go on, and at the latest at this time in
    /// microseconds.
    WaitUntil(u64),
    /// The run is over.
    Over(RunEnd),
}

#[derive(Debug)]
struct Task {
    side: Side,
    process: Process,
    under_way: bool,
    /// What the call waits for, and for a sleep, until when.
    blocked: Option<(BlockedOn, u64)>,
}

impl Task {
    fn is_ready(&self) -> bool {
        !self.under_way && self.process.current().is_some()
    }
}

impl<K: Kernel> Run<K> {
    /// A run before its first step.
    ///
    /// # Errors
    ///
    /// [`OutOfBounds`] where the experiment is larger than it may be.
    pub fn new(experiment: &Experiment, kernel: K) -> Result<Self, OutOfBounds> {
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
        Ok(Self {
            kernel,
            tasks,
            order: experiment.order.iter().copied().collect(),
            watched: None,
            quiet_since: 0,
            events: Vec::new(),
            untaken: 0,
            recorded: 0,
        })
    }

    /// The kernel, for its driver.
    pub const fn kernel(&mut self) -> &mut K {
        &mut self.kernel
    }

    /// What was recorded since this was last asked.
    pub fn take_events(&mut self) -> Vec<Event> {
        self.untaken = 0;
        std::mem::take(&mut self.events)
    }

    /// Begins the next call of that side; says whether there was one to begin.
    pub fn step(&mut self, side: Side) -> bool {
        let index = usize::from(side.0);
        if !self.tasks.get(index).is_some_and(Task::is_ready) {
            return false;
        }
        if let Some(at) = self.order.iter().position(|next| *next == side) {
            self.order.remove(at);
        }
        self.begin(index);
        self.progress();
        true
    }

    /// Begins the next call of the order, or when the order is used up, of the first side that is
    /// ready; says which side's.
    pub fn step_next(&mut self) -> Option<Side> {
        let side = self.next_of_order().or_else(|| self.first_ready())?;
        self.begin(usize::from(side.0));
        self.progress();
        Some(side)
    }

    /// Takes the next step of the order; one whose side is not ready is left out.
    fn next_of_order(&mut self) -> Option<Side> {
        while let Some(side) = self.order.pop_front() {
            if self.tasks[usize::from(side.0)].is_ready() {
                return Some(side);
            }
        }
        None
    }

    fn first_ready(&self) -> Option<Side> {
        self.tasks.iter().find(|task| task.is_ready()).map(|task| task.side)
    }

    /// Plays on towards the end: first the order, each of its steps watched until it has come to
    /// rest, then all that is left, without a pause but for the record to be taken: where much of
    /// it has come together, the wait is until now.
    pub fn play(&mut self) -> Next {
        self.progress();
        loop {
            if let Some(end) = self.end() {
                return Next::Over(end);
            }
            if self.untaken >= ENOUGH_TO_TAKE {
                return Next::WaitUntil(self.kernel.now());
            }
            if let Some(until) = self.watch_until() {
                return Next::WaitUntil(until);
            }
            if let Some(side) = self.next_of_order() {
                self.begin(usize::from(side.0));
                self.progress();
                self.watched = Some((side, self.kernel.now() + SETTLE_US));
                continue;
            }
            self.watched = None;
            if let Some(side) = self.first_ready() {
                self.begin(usize::from(side.0));
                self.progress();
                continue;
            }
            return self.wait_for_any();
        }
    }

    /// Until when the step that was begun last is watched, or the sleep that it began: `None` where
    /// it has come to rest.
    fn watch_until(&self) -> Option<u64> {
        let (side, until) = self.watched.filter(|_| self.waits())?;
        let wake = self.tasks.get(usize::from(side.0)).and_then(wake);
        let next = self.next_wake().map_or(until, |wake| wake.min(until));
        wake.or_else(|| (self.kernel.now() < until).then_some(next))
    }

    /// Every program has ended or waits.
    fn wait_for_any(&self) -> Next {
        if let Some(wake) = self.next_wake() {
            return Next::WaitUntil(wake);
        }
        let until = self.quiet_since + deadlock_us(self.blocked().map(|(_, on)| on));
        if self.waits() && self.kernel.now() < until {
            Next::WaitUntil(until)
        } else {
            Next::Over(RunEnd::Finished)
        }
    }

    /// Lets every call under way go on until each has returned or waits, or the record is full.
    pub fn progress(&mut self) {
        while !self.is_full() && (0..self.tasks.len()).any(|index| self.advance(index)) {}
    }

    /// Why nothing more will happen; `None` where something may.
    #[must_use]
    pub fn end(&self) -> Option<RunEnd> {
        if self.is_full() {
            Some(RunEnd::RecordFull)
        } else if self.kernel.now() >= MAX_RUN_US {
            Some(RunEnd::TimeOver)
        } else if self.waits() || self.first_ready().is_some() {
            None
        } else {
            Some(RunEnd::Finished)
        }
    }

    /// Does any call wait?
    fn waits(&self) -> bool {
        self.tasks.iter().any(|task| task.under_way)
    }

    /// When the first sleeping program wakes, in microseconds.
    #[must_use]
    pub fn next_wake(&self) -> Option<u64> {
        self.tasks.iter().filter_map(wake).min()
    }

    /// What the blocked calls wait for.
    pub fn blocked(&self) -> impl Iterator<Item = (Side, BlockedOn)> {
        self.tasks.iter().filter_map(|task| task.blocked.map(|(on, _)| (task.side, on)))
    }

    fn is_full(&self) -> bool {
        self.recorded >= MAX_EVENTS
    }

    fn begin(&mut self, index: usize) {
        let Some(call) = self.tasks[index].process.current() else { return };
        self.record(index, call, EventKind::Began);
        match self.tasks[index].process.begin() {
            Some(value) => self.record(index, call, EventKind::Returned(value)),
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
        let now = self.kernel.now();
        let answer = if let Syscall::Sleep { .. } = syscall {
            let is_over = task.blocked.is_some_and(|(_, until)| until <= now);
            if is_over { Answer::Done(Outcome::Done) } else { Answer::Blocked(BlockedOn::Clock) }
        } else {
            self.kernel.call(task.side, &syscall)
        };
        match answer {
            Answer::Blocked(on) => {
                if self.tasks[index].blocked.is_none() {
                    let sleeps_ms = if let Syscall::Sleep { ms } = syscall { ms } else { 0 };
                    let until = self.kernel.now() + u64::from(sleeps_ms) * 1000;
                    self.tasks[index].blocked = Some((on, until));
                    self.record(index, call, EventKind::Blocked(on));
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
        if let Some(kind) = happened(syscall, &outcome) {
            self.record(index, call, kind);
        }
        let Some(value) = self.tasks[index].process.take(outcome) else { return };
        self.tasks[index].under_way = false;
        let failed = matches!(value, Value::Error(_));
        self.record(index, call, EventKind::Returned(value));
        if failed {
            // A program that ends in an error closes its socket, as Python's would.
            self.kernel.call(self.tasks[index].side, &Syscall::Close);
        }
    }

    fn record(&mut self, index: usize, call: usize, kind: EventKind) {
        if self.is_full() {
            return;
        }
        let tcp_info = self.tasks.iter().map(|task| self.kernel.tcp_info(task.side)).collect();
        self.recorded += 1;
        self.quiet_since = self.kernel.now();
        let event = Event {
            at: self.quiet_since,
            side: self.tasks[index].side,
            call: u16::try_from(call).unwrap_or(u16::MAX),
            kind,
            tcp_info,
        };
        self.untaken += event.encoded_bound();
        self.events.push(event);
    }
}

/// When a sleeping program wakes.
fn wake(task: &Task) -> Option<u64> {
    task.blocked.and_then(|(on, until)| (on == BlockedOn::Clock).then_some(until))
}

/// What a system call's outcome looks like in a trace; `None` where the call's return says it all.
fn happened(syscall: &Syscall, outcome: &Outcome) -> Option<EventKind> {
    match outcome {
        Outcome::Done => None,
        Outcome::Accepted(client) => Some(EventKind::Accepted(*client)),
        Outcome::Sent(count) => {
            let Syscall::Send(bytes) = syscall else { return None };
            Some(EventKind::Sent(Data(bytes[..*count].to_vec())))
        }
        Outcome::Received(bytes) => {
            let Syscall::Recv(asked) = syscall else { return None };
            Some(EventKind::Received { asked: *asked, got: Data(bytes.clone()) })
        }
        Outcome::Failed(errno) => Some(EventKind::Failed(*errno)),
    }
}
