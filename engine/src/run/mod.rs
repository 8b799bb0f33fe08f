//! A run: an experiment in progress on one kernel.
//!
//! What comes in: an experiment, a [`Kernel`], and the steps to take. What goes out: the
//! events that happened, and until when to wait. A run does not wait itself. Its driver waits, because
//! the driver has a clock. On real sockets the driver is a thread of the relay. On the simulated kernel
//! it is [`simulate()`], [`simulate_freely`] or [`play_simulated`].
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
pub use self::simulate::{
    play_simulated, settle_simulated, simulate, simulate_freely, wait_simulated,
};

/// The time to wait for one step before the next step begins, in microseconds. It is longer than a
/// delayed acknowledgement (40 ms) and much shorter than the wait before a second SYN (1 s).
const SETTLE_US: u64 = 60_000;

/// When the events that nobody has taken reach this size, [`Run::play`] returns, so that the driver
/// takes them. In bytes, encoded.
const MAX_UNTAKEN_BYTES: usize = 256 * 1024;

/// An experiment in progress on one kernel. It decides which call is made when. Its driver waits,
/// because the driver has a clock.
///
/// [`Run::step`] and [`Run::step_next`] take one step. [`Run::play`] takes all that are left. A run
/// may first be stepped and then played, and the other way round.
#[derive(Debug)]
pub struct Run<K> {
    kernel: K,
    tasks: Vec<Task>,
    /// The steps of the experiment's order that have not begun.
    order: VecDeque<Side>,
    /// The side whose step [`Run::play`] waits for before it begins the next one, and until when.
    awaited_step: Option<(Side, u64)>,
    /// The time of the last event, in microseconds.
    last_event_at: u64,
    /// The events that nobody has taken.
    events: Vec<Event>,
    /// An upper bound of the encoded length of `events`, in bytes.
    untaken_bytes: usize,
    /// The number of events of this run, taken or not.
    recorded: usize,
}

/// What the driver of [`Run::play`] does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Call [`Run::play`] again when a blocked call may be able to return, and at this time at the
    /// latest. In microseconds.
    WaitUntil(u64),
    /// The run is over.
    Over(RunEnd),
}

#[derive(Debug)]
struct Task {
    side: Side,
    process: Process,
    in_progress: bool,
    /// What the call waits for. For a sleep, the time is its end. For other calls, the time is not
    /// used.
    blocked: Option<(BlockedOn, u64)>,
}

impl Task {
    fn is_ready(&self) -> bool {
        !self.in_progress && self.process.current().is_some()
    }
}

impl<K: Kernel> Run<K> {
    /// A run before its first step.
    ///
    /// # Errors
    ///
    /// [`OutOfBounds`] if the experiment is over a bound.
    pub fn new(experiment: &Experiment, kernel: K) -> Result<Self, OutOfBounds> {
        experiment.check()?;
        let task = |side| Task {
            side,
            process: Process::new(
                experiment.program(side).cloned().unwrap_or_default(),
                experiment.header,
            ),
            in_progress: false,
            blocked: None,
        };
        let tasks = experiment.sides().map(task).collect();
        Ok(Self {
            kernel,
            tasks,
            order: experiment.order.iter().copied().collect(),
            awaited_step: None,
            last_event_at: 0,
            events: Vec::new(),
            untaken_bytes: 0,
            recorded: 0,
        })
    }

    /// The kernel, for its driver.
    pub const fn kernel(&mut self) -> &mut K {
        &mut self.kernel
    }

    /// The events since the last call of this function.
    pub fn take_events(&mut self) -> Vec<Event> {
        self.untaken_bytes = 0;
        std::mem::take(&mut self.events)
    }

    /// Begins the next call of `side`. Returns `false` if there is none, or if its call is in
    /// progress.
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

    /// Begins the next step of the order. If the order has no more steps, begins the next call of the
    /// first side that is ready. Returns the side, or `None` if no side is ready.
    pub fn step_next(&mut self) -> Option<Side> {
        let side = self.next_of_order().or_else(|| self.first_ready())?;
        self.begin(usize::from(side.0));
        self.progress();
        Some(side)
    }

    /// Removes the next step from the order. Skips the steps of sides that are not ready.
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

    /// Plays on. First come the steps of the order. After each of them the driver waits until no call
    /// is in progress, or for 60 ms. If the step began a sleep, it waits until the end of the sleep.
    /// Then come all other calls, without a wait between them.
    ///
    /// When 256 KiB of events have not been taken, returns [`Next::WaitUntil`] with the current time.
    /// The driver then takes the events and plays on at once.
    pub fn play(&mut self) -> Next {
        self.progress();
        loop {
            if let Some(end) = self.end() {
                return Next::Over(end);
            }
            if self.untaken_bytes >= MAX_UNTAKEN_BYTES {
                return Next::WaitUntil(self.kernel.now());
            }
            if let Some(until) = self.step_deadline() {
                return Next::WaitUntil(until);
            }
            if let Some(side) = self.next_of_order() {
                self.begin(usize::from(side.0));
                self.progress();
                self.awaited_step = Some((side, self.kernel.now() + SETTLE_US));
                continue;
            }
            self.awaited_step = None;
            if let Some(side) = self.first_ready() {
                self.begin(usize::from(side.0));
                self.progress();
                continue;
            }
            return self.wait_for_any();
        }
    }

    /// Until when to wait for the step that was begun last. If it began a sleep, that is the end of
    /// the sleep. `None` if no call is in progress or the time is over.
    fn step_deadline(&self) -> Option<u64> {
        let (side, until) = self.awaited_step.filter(|_| self.has_call_in_progress())?;
        let wake = self.tasks.get(usize::from(side.0)).and_then(wake_time);
        let next = self.next_wake().map_or(until, |wake| wake.min(until));
        wake.or_else(|| (self.kernel.now() < until).then_some(next))
    }

    /// What to do when every program has ended or waits: wait for one of them, or end the run.
    fn wait_for_any(&self) -> Next {
        if let Some(wake) = self.next_wake() {
            return Next::WaitUntil(wake);
        }
        let until = self.last_event_at + deadlock_us(self.blocked().map(|(_, on)| on));
        if self.has_call_in_progress() && self.kernel.now() < until {
            Next::WaitUntil(until)
        } else {
            Next::Over(RunEnd::Finished)
        }
    }

    /// Continues every call in progress until each has returned or waits, or the trace is full.
    pub fn progress(&mut self) {
        while !self.is_full() && (0..self.tasks.len()).any(|index| self.advance(index)) {}
    }

    /// Why the run has ended. `None` if something may still happen.
    #[must_use]
    pub fn end(&self) -> Option<RunEnd> {
        if self.is_full() {
            Some(RunEnd::RecordFull)
        } else if self.kernel.now() >= MAX_RUN_US {
            Some(RunEnd::TimeOver)
        } else if self.has_call_in_progress() || self.first_ready().is_some() {
            None
        } else {
            Some(RunEnd::Finished)
        }
    }

    /// Whether any call is in progress.
    fn has_call_in_progress(&self) -> bool {
        self.tasks.iter().any(|task| task.in_progress)
    }

    /// When the next sleeping program wakes, in microseconds. `None` if no program sleeps.
    #[must_use]
    pub fn next_wake(&self) -> Option<u64> {
        self.tasks.iter().filter_map(wake_time).min()
    }

    /// The sides whose call is blocked, and what each waits for.
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
            None => self.tasks[index].in_progress = true,
        }
    }

    /// Makes the system call that the task's call needs next. Returns `true` if it is done, `false` if
    /// it is blocked or there is none.
    fn advance(&mut self, index: usize) -> bool {
        let task = &self.tasks[index];
        let (Some(call), Some(syscall), true) =
            (task.process.current(), task.process.wants(), task.in_progress)
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
        if let Some(kind) = event_kind(syscall, &outcome) {
            self.record(index, call, kind);
        }
        let Some(value) = self.tasks[index].process.take(outcome) else { return };
        self.tasks[index].in_progress = false;
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
        self.last_event_at = self.kernel.now();
        let event = Event {
            at: self.last_event_at,
            side: self.tasks[index].side,
            call: u16::try_from(call).unwrap_or(u16::MAX),
            kind,
            tcp_info,
        };
        self.untaken_bytes += event.encoded_bound();
        self.events.push(event);
    }
}

/// When the task wakes, if it sleeps.
fn wake_time(task: &Task) -> Option<u64> {
    task.blocked.and_then(|(on, until)| (on == BlockedOn::Clock).then_some(until))
}

/// The event for the outcome of a system call. `None` if the event of the call's return is enough.
fn event_kind(syscall: &Syscall, outcome: &Outcome) -> Option<EventKind> {
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
