//! Runs programs on the simulated kernel, and moves its virtual clock.

use super::driver::{Driven, Programs};
use super::setup::{Setup, Start};
use crate::sockets::{Kernel as _, SimulatedKernel};

/// The longest run, in microseconds of the virtual clock: 10 minutes.
const MAX_RUN_US: u64 = 600_000_000;

/// Runs programs to their ends on the simulated kernel. `watch` is called whenever something has happened,
/// and `read` for a line that somebody types for a program.
///
/// # Errors
///
/// The first error of `watch` or `read`: the run ends there.
pub fn simulate<E>(
    setups: Vec<Setup>,
    starts: Vec<Start>,
    mut watch: impl FnMut(&mut Programs<SimulatedKernel>) -> Result<(), E>,
    mut read: impl FnMut(usize) -> Result<Option<String>, E>,
) -> Result<Programs<SimulatedKernel>, E> {
    let mut programs = Programs::new(setups, starts, SimulatedKernel::new());
    programs.record();
    loop {
        match programs.advance() {
            Driven::Again => watch(&mut programs)?,
            Driven::Wait { until, .. } => {
                let kernel = programs.kernel();
                let next = kernel.next_timer().into_iter().chain(until).min();
                match next.filter(|at| *at < MAX_RUN_US) {
                    Some(at) => {
                        let at = at.max(kernel.now());
                        kernel.advance(at);
                    }
                    None => {
                        if !programs.rest() {
                            return Ok(programs);
                        }
                    }
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
