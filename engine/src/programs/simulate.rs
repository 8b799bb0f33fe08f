//! Runs programs on the simulated kernel, and moves its virtual clock.

use framescope_lab::{Experiment, MAX_RUN_US};

use super::driver::Programs;
use super::session::Session;
use super::steppable::{Driven, Steppable as _, Waiting};
use crate::sockets::{Kernel as _, SimulatedKernel};

/// Runs an experiment to its end on the simulated kernel. `watch` is called whenever something has happened,
/// and `read` for a line that somebody types for a program.
///
/// # Errors
///
/// The first error of `watch` or `read`: the run ends there.
pub fn simulate<E>(
    experiment: Experiment,
    mut watch: impl FnMut(&mut Programs<SimulatedKernel>) -> Result<(), E>,
    mut read: impl FnMut(usize) -> Result<Option<String>, E>,
) -> Result<Programs<SimulatedKernel>, E> {
    let Experiment { programs, starts, wire, .. } = experiment;
    let mut programs = Programs::new(programs, starts, SimulatedKernel::new(&wire));
    programs.record();
    loop {
        match programs.advance() {
            Driven::Again => watch(&mut programs)?,
            Driven::Wait(waiting) => {
                if !move_clock(&mut programs, &waiting) {
                    programs.rest();
                }
            }
            Driven::Reads(program) => {
                let line = read(program)?;
                programs.type_line(program, line);
            }
            Driven::Over => return Ok(programs),
        }
    }
}

/// Moves the clock to the next time that something waits for. Returns whether there is one before nothing new happens
/// any more.
fn move_clock(programs: &mut Programs<SimulatedKernel>, waiting: &Waiting) -> bool {
    let rest = if waiting.until.is_none() { programs.rest_at(waiting) } else { None };
    let kernel = programs.kernel();
    let next = kernel.next_timer().into_iter().chain(waiting.until).min();
    let is_before = |at: &u64| *at < MAX_RUN_US && rest.is_none_or(|rest| *at < rest);
    let Some(at) = next.filter(is_before) else { return false };
    let at = at.max(kernel.now());
    kernel.advance(at);
    true
}

/// Carries out what a session was told to do, until nothing moves any more. `watch` is called whenever
/// something has happened.
///
/// # Errors
///
/// The first error of `watch`: the session stops there.
pub fn settle<E>(
    session: &mut Session<Programs<SimulatedKernel>>,
    mut watch: impl FnMut(&mut Session<Programs<SimulatedKernel>>) -> Result<(), E>,
) -> Result<(), E> {
    while go_on(session) {
        watch(session)?;
    }
    watch(session)
}

/// Lets the next thing happen of what a session was told to do. Returns whether anything moves still. It takes
/// some milliseconds at most, unless one operation of a program takes longer.
pub fn go_on(session: &mut Session<Programs<SimulatedKernel>>) -> bool {
    match session.advance() {
        Driven::Again => true,
        Driven::Wait(_) | Driven::Reads(_) => {
            let Some(programs) = session.programs() else { return false };
            // The clock can wait for a person who holds a segment in hand, unlike a real one.
            let is_held = programs.kernel().holds_segments();
            let waiting = programs.waiting();
            !is_held && move_clock(programs, &waiting) || session.rest()
        }
        Driven::Over => false,
    }
}
