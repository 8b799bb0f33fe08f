//! Runs programs to their ends on real sockets.

use framescope_engine::programs::{Driven, Programs, Waiting};
use framescope_engine::sockets::{Kernel as _, ProgramId};
use framescope_lab::{Program, Start};
use framescope_syscall::{BlockedOn, Syscall};

use super::kernel::RealKernel;

/// If all programs wait and nothing has happened for this time, nothing will: the kernel's timers have sent
/// every packet that was still to be sent. In microseconds.
const REST_US: u64 = 300_000;
/// The same if a program waits for a handshake: Linux sends a lost SYN again after 1, 2 and 4 seconds.
const HANDSHAKE_REST_US: u64 = 8_000_000;

/// If all programs wait for these calls, and nothing has happened for this time, nothing will. In microseconds.
pub(crate) fn rest_us(calls: &[(ProgramId, Syscall, BlockedOn)]) -> u64 {
    let handshake = calls.iter().any(|(_, _, on)| *on == BlockedOn::Handshake);
    if handshake { HANDSHAKE_REST_US } else { REST_US }
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
    mut watch: impl FnMut(&mut Programs<RealKernel>) -> Result<(), E>,
    mut read: impl FnMut(usize) -> Result<Option<String>, E>,
) -> Result<Programs<RealKernel>, E> {
    let mut programs = Programs::new(setups, starts, RealKernel::default());
    programs.record();
    let mut last = 0;
    loop {
        match programs.advance() {
            Driven::Again => {
                last = programs.kernel().now();
                watch(&mut programs)?;
            }
            Driven::Wait(Waiting { calls, until }) => {
                let rest = last + rest_us(&calls);
                let moved = programs.kernel().wait(&calls, until.unwrap_or(rest), None);
                let is_over = until.is_none() && !moved && programs.kernel().now() >= rest;
                if is_over && !programs.rest() {
                    return Ok(programs);
                }
                if is_over {
                    last = programs.kernel().now();
                }
            }
            Driven::Reads(program) => {
                let line = read(program)?;
                programs.type_line(program, line);
                last = programs.kernel().now();
            }
            Driven::Over => return Ok(programs),
        }
    }
}
