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
        trace.end = play_simulated(&mut run);
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
        settle_simulated(&mut run);
    }
    let mut turns: Vec<usize> = (0..run.tasks.len()).collect();
    while trace.end.is_none() {
        random.shuffle(&mut turns);
        if !turns.iter().any(|index| take_turn(&mut run, *index)) {
            trace.end = run.end().or_else(|| advance_clock(&mut run));
        }
        trace.events.append(&mut run.take_events());
    }
    Ok(trace)
}

/// Begins a program's next call, or continues the call in progress. Returns `false` if the program
/// has ended or waits.
fn take_turn(run: &mut Run<SimulatedKernel>, index: usize) -> bool {
    if run.end().is_some() {
        return false;
    }
    if run.tasks[index].is_ready() {
        run.begin(index);
        return true;
    }
    run.advance(index)
}

/// Moves the clock when every program waits. Returns why the run ends, if they wait for ever.
fn advance_clock(run: &mut Run<SimulatedKernel>) -> Option<RunEnd> {
    match run.wait_for_any() {
        Next::Over(end) => Some(end),
        Next::WaitUntil(until) => {
            let to = next_timer_or_wake(run).map_or(until, |at| at.min(until));
            run.kernel.advance(to);
            None
        }
    }
}

/// Plays on, and moves the virtual clock if the run has to wait. Returns why the run ended, or
/// `None` if it goes on.
pub fn play_simulated(run: &mut Run<SimulatedKernel>) -> Option<RunEnd> {
    match run.play() {
        Next::Over(end) => Some(end),
        Next::WaitUntil(until) => {
            advance_and_progress(run, until);
            None
        }
    }
}

/// Moves the virtual clock after a step, until no call is in progress, or until 60 ms have passed
/// and no program sleeps.
pub fn settle_simulated(run: &mut Run<SimulatedKernel>) {
    let until = run.kernel.now() + SETTLE_US;
    run.progress();
    while run.has_call_in_progress() && run.end().is_none() && run.kernel.now() < until {
        advance_and_progress(run, until);
    }
    while let Some(wake) = run.next_wake().filter(|_| run.end().is_none()) {
        advance_and_progress(run, wake);
    }
}

/// Moves the virtual clock to the next timer of the kernel or the end of the next sleep. Returns
/// `false` if there is none.
pub fn wait_simulated(run: &mut Run<SimulatedKernel>) -> bool {
    let next = next_timer_or_wake(run).filter(|at| *at < MAX_RUN_US);
    if let Some(at) = next {
        advance_and_progress(run, at);
    }
    next.is_some()
}

fn next_timer_or_wake(run: &Run<SimulatedKernel>) -> Option<u64> {
    run.kernel.next_timer().into_iter().chain(run.next_wake()).min()
}

/// Moves the clock to `until`, or to the next timer or end of a sleep if that comes first.
fn advance_and_progress(run: &mut Run<SimulatedKernel>, until: u64) {
    let to = next_timer_or_wake(run).map_or(until, |at| at.min(until));
    run.kernel.advance(to);
    run.progress();
}
