//! Drives a run on the simulated kernel. The driver moves the kernel's virtual clock.

use framescope_lab::{Call, Experiment, MAX_RUN_US, OutOfBounds, RunEnd, Side, Trace};
use framescope_record::Source;

use super::{Next, Run, SETTLE_US};
use crate::kernel::Kernel as _;
use crate::simulated_kernel::SimulatedKernel;

/// Runs the whole experiment on the simulated kernel.
///
/// # Errors
///
/// [`OutOfBounds`] if the experiment is over a bound.
pub fn simulate(experiment: &Experiment) -> Result<Trace, OutOfBounds> {
    let mut run = Run::new(experiment, SimulatedKernel::new(experiment.clients.len()))?;
    let mut trace = Trace::new(Source::Simulated, experiment.clone());
    while trace.end.is_none() {
        trace.end = run.play_simulated();
        trace.events.append(&mut run.take_events());
    }
    Ok(trace)
}

/// Runs the experiment once on the simulated kernel as threads would. The experiment's order is not
/// used: at every turn a random generator, seeded with `seed`, chooses a program that can continue.
/// The server runs first, until it listens.
///
/// # Errors
///
/// [`OutOfBounds`] if the experiment is over a bound.
pub fn simulate_freely(experiment: &Experiment, seed: u64) -> Result<Trace, OutOfBounds> {
    let mut run = Run::new(experiment, SimulatedKernel::new(experiment.clients.len()))?;
    let mut trace = Trace::new(Source::Simulated, experiment.clone());
    let mut random = fastrand::Rng::with_seed(seed);
    let before_clients =
        experiment.server.0.iter().position(|call| matches!(call, Call::Listen { .. }));
    for _ in 0..before_clients.map_or(0, |listen| listen + 1) {
        run.step(Side::SERVER);
        run.settle_simulated();
    }
    let mut turns: Vec<usize> = (0..run.tasks.len()).collect();
    while trace.end.is_none() {
        random.shuffle(&mut turns);
        if !turns.iter().any(|index| run.take_turn(*index)) {
            trace.end = run.end().or_else(|| run.advance_clock());
        }
        trace.events.append(&mut run.take_events());
    }
    Ok(trace)
}

impl Run<SimulatedKernel> {
    /// Begins a program's next call, or continues the call in progress. Returns `false` if the program
    /// has ended or waits.
    fn take_turn(&mut self, index: usize) -> bool {
        if self.end().is_some() {
            return false;
        }
        if self.tasks[index].is_ready() {
            self.begin(index);
            return true;
        }
        self.advance(index)
    }

    /// Moves the clock when every program waits. Returns why the run ends, if they wait for ever.
    fn advance_clock(&mut self) -> Option<RunEnd> {
        match self.wait_for_any() {
            Next::Over(end) => Some(end),
            Next::WaitUntil(until) => {
                let to = self.next_timer_or_wake().map_or(until, |at| at.min(until));
                self.kernel.advance(to);
                None
            }
        }
    }

    /// Plays on, and moves the virtual clock if the run has to wait. Returns why the run ended, or
    /// `None` if it goes on.
    pub fn play_simulated(&mut self) -> Option<RunEnd> {
        match self.play() {
            Next::Over(end) => Some(end),
            Next::WaitUntil(until) => {
                self.advance_and_progress(until);
                None
            }
        }
    }

    /// Moves the virtual clock after a step, until no call is in progress, or until 60 ms have passed
    /// and no program sleeps.
    pub fn settle_simulated(&mut self) {
        let until = self.kernel.now() + SETTLE_US;
        self.progress();
        while self.has_call_in_progress() && self.end().is_none() && self.kernel.now() < until {
            self.advance_and_progress(until);
        }
        while let Some(wake) = self.next_wake().filter(|_| self.end().is_none()) {
            self.advance_and_progress(wake);
        }
    }

    /// Moves the virtual clock to the next timer of the kernel or the end of the next sleep. Returns
    /// `false` if there is none.
    pub fn wait_simulated(&mut self) -> bool {
        let next = self.next_timer_or_wake().filter(|at| *at < MAX_RUN_US);
        if let Some(at) = next {
            self.advance_and_progress(at);
        }
        next.is_some()
    }

    fn next_timer_or_wake(&self) -> Option<u64> {
        self.kernel.next_timer().into_iter().chain(self.next_wake()).min()
    }

    /// Moves the clock to `until`, or to the next timer or end of a sleep if that comes first.
    fn advance_and_progress(&mut self, until: u64) {
        let to = self.next_timer_or_wake().map_or(until, |at| at.min(until));
        self.kernel.advance(to);
        self.progress();
    }
}
