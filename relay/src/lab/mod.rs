//! The lab on real sockets.
//!
//! In come an upgraded connection of a page, and commands on it; out come reports of what happened.
//! [`measure`] runs a whole experiment for a terminal.
//!
//! A thread for each open experiment (`runner`) owns its sockets, obeys the commands of a `mailbox`, and
//! reports; `session` joins it to the WebSocket. `sockets` makes the system calls of one program, which
//! never block; `socket_kernel` puts those of all programs under a run.
//!
//! Programs in Python run in a worker, a separate process; `python_session` joins it to the WebSocket.
//!
//! May use: `net`, `session_end`, `worker`.

mod free_run;
mod keepalive;
mod mailbox;
mod python_session;
mod runner;
mod session;
mod socket_kernel;
mod sockets;
mod stopped;
mod tcp_info;
mod wait;
mod websocket;

use std::io;

pub(crate) use self::python_session::run_python;
pub(crate) use self::session::run;
use framescope_engine::{Next, Run};
use framescope_lab::{Experiment, OutOfBounds, Trace};
use framescope_record::Source;

use self::socket_kernel::SocketKernel;

/// Runs the whole experiment on real sockets of this machine: first the steps of its order, then all other
/// calls in turns. Blocks the thread until the programs end, ten minutes at most. All sockets are closed when
/// it returns.
///
/// # Errors
///
/// [`MeasureError`] if the experiment is too large or no socket is available.
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
