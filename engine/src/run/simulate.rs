//! Driving a run on the simulated kernel, whose clock moves when the driver says so.

use framescope_lab::{Call, Experiment, MAX_RUN_US, OutOfBounds, RunEnd, Side, Trace};
use framescope_record::Source;

use super::{Next, Run, SETTLE_US};
use crate::kernel::Kernel as _;
use crate::simulated_kernel::SimulatedKernel;

/// Runs the whole experiment on the simulated kernel.
///
/// # Errors
///
/// [`OutOfBounds`] where the experiment is larger than it may be.
pub fn simulate(experiment: &Experiment) -> Result<Trace, OutOfBounds> {
    let mut run = Run::new(experiment, SimulatedKernel::new(experiment.clients.len()))?;
    let mut trace = Trace::new(Source::Simulated, experiment.clone());
    while trace.end.is_none() {
        trace.end = run.play_simulated();
        trace.events.append(&mut run.take_events());
    }
    Ok(trace)
}

/// Runs the experiment once on the simulated kernel as threads would: without regard to its order,
/// whoever can go on being chosen by `seed` at every turn. The server is started first.
///
/// # Errors
///
/// [`OutOfBounds`] where the experiment is larger than it may be.
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
            trace.end = run.end().or_else(|| run.let_time_pass());
        }
        trace.events.append(&mut run.take_events());
    }
    Ok(trace)
}

impl Run<SimulatedKernel> {
    /// Begins a program's next call, or goes on with the one under way; says whether anything came
    /// of it.
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

    /// Everybody waits. Says why when it is for ever.
    fn let_time_pass(&mut self) -> Option<RunEnd> {
        match self.wait_for_any() {
            Next::Over(end) => Some(end),
            Next::WaitUntil(until) => {
                let to = self.next_by_itself().map_or(until, |at| at.min(until));
                self.kernel.advance(to);
                None
            }
        }
    }

    /// Plays on, and where that takes time moves the virtual clock; says why when the run is over.
    pub fn play_simulated(&mut self) -> Option<RunEnd> {
        match self.play() {
            Next::Over(end) => Some(end),
            Next::WaitUntil(until) => {
                self.let_pass(until);
                None
            }
        }
    }

    /// Lets the virtual clock go on after a step, until all has come to rest.
    pub fn settle_simulated(&mut self) {
        let until = self.kernel.now() + SETTLE_US;
        self.progress();
        while self.waits() && self.end().is_none() && self.kernel.now() < until {
            self.let_pass(until);
        }
        while let Some(wake) = self.next_wake().filter(|_| self.end().is_none()) {
            self.let_pass(wake);
        }
    }

    /// Lets the virtual clock go on to the next thing that happens by itself; says whether there
    /// was one.
    pub fn wait_simulated(&mut self) -> bool {
        let next = self.next_by_itself().filter(|at| *at < MAX_RUN_US);
        if let Some(at) = next {
            self.let_pass(at);
        }
        next.is_some()
    }

    fn next_by_itself(&self) -> Option<u64> {
        self.kernel.next_timer().into_iter().chain(self.next_wake()).min()
    }

    /// To `until`, or to the first thing that happens by itself before that.
    fn let_pass(&mut self, until: u64) {
        let to = self.next_by_itself().map_or(until, |at| at.min(until));
        self.kernel.advance(to);
        self.progress();
    }
}
