//! The lab's runner: experiments on real sockets, call by call.

mod figures;
mod free_run;
mod liveness;
mod mailbox;
mod runner;
pub(crate) mod session;
mod socket_kernel;
mod sockets;
mod wait;
mod websocket;

use std::io;

use framescope_engine::{Next, Run};
use framescope_lab::{Experiment, OutOfBounds, Trace};
use framescope_record::Source;
use socket_kernel::SocketKernel;

/// Runs the whole experiment on real sockets of this machine: the steps of its order, and then all
/// that is left, in turns. It takes as long as the programs do, ten minutes at most, and blocks the
/// thread; every socket is closed when it returns.
///
/// # Errors
///
/// [`MeasureError`] where the experiment is too large or no socket can be had.
pub fn measure(experiment: &Experiment) -> Result<Trace, MeasureError> {
    let kernel = SocketKernel::new(experiment.clients.len()).map_err(MeasureError::NoSocket)?;
    let mut run = Run::new(experiment, kernel)?;
    let mut trace = Trace::new(Source::Measured, experiment.clone());
    while trace.end.is_none() {
        match run.play() {
            Next::Over(end) => trace.end = Some(end),
            Next::WaitUntil(until) => {
                let blocked: Vec<_> = run.blocked().collect();
                run.kernel().wait(&blocked, None, until);
            }
        }
        trace.events.append(&mut run.take_events());
    }
    Ok(trace)
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
