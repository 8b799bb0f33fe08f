//! Runs programs to their ends on real sockets.

use std::io;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use framescope_engine::programs::{Driven, Programs, Steppable as _};
use framescope_engine::sockets::Kernel as _;
use framescope_lab::{MAX_RUN_US, Program, Start};

use super::kernel::RealKernel;

/// How often it is looked whether a line was read, if nothing says so, in microseconds.
const READS_US: u64 = 1_000_000;

/// Programs on real sockets.
pub type RealPrograms = Programs<RealKernel>;

/// Calls `read`, which may wait for somebody who types, in another thread. The wire goes on meanwhile.
///
/// # Errors
///
/// The system starts no thread, or has no descriptor left.
pub fn read_meanwhile<T: Send>(
    programs: &mut RealPrograms,
    read: impl FnOnce() -> T + Send,
) -> io::Result<T> {
    let waker = programs.kernel().waker()?;
    let has_read = &AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = thread::Builder::new().spawn_scoped(scope, move || {
            let line = read();
            has_read.store(true, Ordering::Release);
            // If it fails, the wait ends by itself.
            let _ = waker.wake();
            line
        })?;
        while !has_read.load(Ordering::Acquire) && !reader.is_finished() {
            let kernel = programs.kernel();
            kernel.wait(&[], kernel.now() + READS_US);
            programs.cross();
        }
        Ok(reader.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
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
                let rest = programs.rest_at(&waiting);
                let until = waiting.until.or(rest).unwrap_or(MAX_RUN_US);
                let kernel = programs.kernel();
                let moved = kernel.wait(&waiting.calls, until);
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
