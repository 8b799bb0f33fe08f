//! Runs programs to their ends on real sockets.

use std::os::fd::BorrowedFd;

use framescope_engine::programs::{Driven, Programs, rest_at};
use framescope_engine::sockets::Kernel as _;
use framescope_lab::{MAX_RUN_US, Program, Start};

use super::kernel::RealKernel;

/// Programs on real sockets.
pub type RealPrograms = Programs<RealKernel>;

/// Waits until `input` is readable. The wire goes on meanwhile.
pub fn wait_for_input(programs: &mut RealPrograms, input: BorrowedFd<'_>) {
    while !programs.kernel().wait(&[], MAX_RUN_US, Some(input)) {
        programs.cross();
    }
}

/// Runs programs to their ends. `watch` is called whenever something has happened, and `read` for a line that
/// somebody types for a program.
///
/// # Errors
///
/// The first error of `watch` or `read`: the run ends there.
pub fn run<E>(
    setups: Vec<Program>,
    starts: Vec<Start>,
    kernel: RealKernel,
    mut watch: impl FnMut(&mut RealPrograms) -> Result<(), E>,
    mut read: impl FnMut(usize, &mut RealPrograms) -> Result<Option<String>, E>,
) -> Result<RealPrograms, E> {
    let mut programs = Programs::new(setups, starts, kernel);
    programs.record();
    loop {
        match programs.advance() {
            Driven::Again => watch(&mut programs)?,
            Driven::Wait(waiting) => {
                let rest = rest_at(&mut programs, &waiting);
                let until = waiting.until.or(rest).unwrap_or(MAX_RUN_US);
                let kernel = programs.kernel();
                let moved = kernel.wait(&waiting.calls, until, None);
                let is_at_rest = rest.is_some_and(|rest| kernel.now() >= rest);
                if waiting.until.is_none() && !moved && is_at_rest {
                    programs.rest();
                }
            }
            Driven::Reads(program) => {
                let line = read(program, &mut programs)?;
                programs.type_line(program, line);
            }
            Driven::Over => return Ok(programs),
        }
    }
}
