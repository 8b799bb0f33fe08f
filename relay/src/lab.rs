//! The lab's runner: experiments on real sockets, call by call.

mod figures;
mod socket_kernel;

use std::io;
use std::time::Duration;

use framescope_lab::{
    Begun, BlockedOn, Experiment, MAX_RUN_US, OutOfBounds, Run, SETTLE_US, Side, Trace,
};
use framescope_lab::{Kernel as _, Source};

use socket_kernel::SocketKernel;

/// How long to wait for a call when every program waits for another: no packet is under way then
/// that a timer of the kernel would not send by that time.
const DEADLOCK: Duration = Duration::from_millis(300);
/// The same while a handshake is open: Linux sends a lost SYN again after 1, 2 and 4 seconds.
const HANDSHAKE: Duration = Duration::from_secs(8);

/// Runs the whole experiment on real sockets of this machine: the steps of its order, and then all
/// that is left, in turns. It takes as long as the programs do, ten minutes at most, and blocks the
/// thread; every socket is closed when it returns.
///
/// # Errors
///
/// [`MeasureError`] where the experiment is too large or no socket can be had.
pub fn measure(experiment: &Experiment) -> Result<Trace, MeasureError> {
    let kernel = SocketKernel::new(experiment.clients.len()).map_err(MeasureError::NoSocket)?;
    let mut run = Run::new(experiment.clone(), Source::Measured, kernel)?;
    while !run.is_full() && run.kernel().now() < MAX_RUN_US {
        match run.begin_next() {
            Begun::Step(side) => {
                run.progress();
                settle(&mut run, side);
            }
            Begun::Call => run.progress(),
            Begun::Nothing if run.waits() && wait_for_any(&mut run) => {}
            Begun::Nothing => break,
        }
    }
    Ok(run.into_trace())
}

/// Watches what comes of a step, as long as some call waits for something.
fn settle(run: &mut Run<SocketKernel>, side: Side) {
    let until = run.kernel().now() + SETTLE_US;
    while run.waits() {
        let now = run.kernel().now();
        let mut next = run.next_wake().map_or(until, |wake| wake.min(until));
        if run.is_asleep(side) {
            next = run.next_wake().unwrap_or(until);
        } else if now >= until {
            return;
        }
        wait(run, Duration::from_micros(next.saturating_sub(now)));
        run.progress();
    }
}

/// Waits until some call goes on; says whether one did before it became hopeless.
fn wait_for_any(run: &mut Run<SocketKernel>) -> bool {
    let now = run.kernel().now();
    let patience = match run.next_wake() {
        Some(wake) => Duration::from_micros(wake.saturating_sub(now)),
        None if run.blocked().any(|(_, on)| on == BlockedOn::Handshake) => HANDSHAKE,
        None => DEADLOCK,
    };
    let woken = run.next_wake().is_some();
    let ready = wait(run, patience);
    run.progress();
    ready || woken
}

/// Waits until the kernel says that a blocked call would go on, or the time is over.
fn wait(run: &mut Run<SocketKernel>, patience: Duration) -> bool {
    let blocked: Vec<_> = run.blocked().collect();
    run.kernel().wait(&blocked, patience)
}

/// Why an experiment could not be run on real sockets.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MeasureError {
    /// The experiment is larger than it may be.
    #[error(transparent)]
    OutOfBounds(#[from] OutOfBounds),
    /// The system has no socket for it.
    #[error("cannot make a socket: {0}")]
    NoSocket(#[source] io::Error),
}
