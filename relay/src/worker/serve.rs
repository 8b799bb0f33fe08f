//! What a worker does: it limits itself, obeys the lab's commands on real sockets, and reports.

use std::io;
use std::time::{Duration, Instant};

use framescope_engine::programs::{Driven, Session, Steppable, Waiting};
use framescope_lab::{Command, MAX_RUN_US};

use super::child::{ChildChannel, Polled};
use super::child_stream::ChildStream;
use super::limits::Limits;
use super::message::Said;
use crate::programs::{Place, RealPrograms};

/// While programs do not wait, the channel is looked at this often.
const LOOK: Duration = Duration::from_millis(5);

/// The life of a worker, from its start to its end. Standard input is its end of the channel, on Windows with standard
/// output.
///
/// This process must have no other thread: the limits hold for the threads that begin after this.
///
/// # Errors
///
/// A limit could not be set, the channel failed, or what came is not a command.
///
/// # Panics
///
/// Never: a second experiment is refused.
pub fn run_child(limits: &Limits, place: Place) -> io::Result<()> {
    limits.set()?;
    let mut channel = ChildChannel::new(ChildStream::open()?);
    // If the relay has ended before the system was told to end this process with it, nobody reads this.
    channel.send(&Said::Ready)?;
    channel.flush()?;
    let Some(first) = channel.recv()? else { return Ok(()) };
    let Command::Load(experiment) = &first else {
        return Err(io::Error::other("the first command loads no experiment"));
    };
    let kernel = place.into_kernel(&experiment.wire);
    let mut kernel = kernel.map_err(|why| io::Error::other(why.error))?;
    channel.wake(&mut kernel)?;
    let mut kernel = Some(kernel);
    let session = Session::new(move |_| kernel.take().expect("only one is loaded"));
    serve(&mut channel, session, first, |programs: &mut RealPrograms, waiting, until| {
        Ok(programs.kernel().wait(&waiting.calls, until))
    })?;
    channel.flush()
}

/// Obeys the relay, `command` first, until it closes its end. `wait` waits until something may have happened, until this time
/// at the latest, or until a command has come. It returns whether any of these calls may return.
///
/// # Errors
///
/// The channel fails, or what comes is not a command, or it loads a second experiment.
pub(super) fn serve<P: Steppable>(
    channel: &mut ChildChannel,
    mut session: Session<P>,
    mut command: Command,
    mut wait: impl FnMut(&mut P, &Waiting, u64) -> io::Result<bool>,
) -> io::Result<()> {
    loop {
        obey(&mut session, channel, command)?;
        if carry_out(&mut session, channel, &mut wait)? == Next::End {
            return Ok(());
        }
        let Some(next) = channel.recv()? else { return Ok(()) };
        command = next;
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// There is nothing to do without a command.
    Command,
    /// The relay has gone.
    End,
}

fn obey<P: Steppable>(
    session: &mut Session<P>,
    channel: &mut ChildChannel,
    command: Command,
) -> io::Result<()> {
    if session.is_loaded() && matches!(command, Command::Load(_) | Command::Reset) {
        return Err(io::Error::other("an experiment is loaded already"));
    }
    session.command(command);
    channel.send(&Said::Obeyed)
}

/// Goes on until the run is over, and obeys what comes meanwhile.
fn carry_out<P: Steppable>(
    session: &mut Session<P>,
    channel: &mut ChildChannel,
    wait: &mut impl FnMut(&mut P, &Waiting, u64) -> io::Result<bool>,
) -> io::Result<Next> {
    // When the channel was looked at last. `None`: it must be looked at now.
    let mut looked: Option<Instant> = None;
    // What came together with a command is in the channel's buffer, where no wait sees it.
    let mut may_have_more = true;
    loop {
        if looked.is_none() {
            // One at a time, so that steps that were sent at once are taken one after the other.
            match channel.poll()? {
                Polled::Nothing => may_have_more = false,
                Polled::Gone => return Ok(Next::End),
                Polled::Command(command) => {
                    obey(session, channel, command)?;
                    may_have_more = true;
                }
            }
            looked = Some(Instant::now());
        }
        let driven = session.advance();
        for report in session.take_reports() {
            channel.send(&Said::Report(report))?;
        }
        if session.programs().is_none() {
            channel.flush()?;
            return Ok(Next::Command);
        }
        match driven {
            Driven::Again => {
                if looked.is_some_and(|looked| looked.elapsed() < LOOK) {
                    continue;
                }
            }
            Driven::Wait(_) | Driven::Reads(_) if may_have_more => {}
            Driven::Wait(waiting) => rest_or(session, channel, &waiting, wait)?,
            Driven::Reads(_) => {
                let waiting = session.programs().map(|programs| programs.waiting());
                rest_or(session, channel, &waiting.unwrap_or_default(), wait)?;
            }
            Driven::Over => {}
        }
        looked = None;
        channel.flush()?;
    }
}

/// Waits until a call may return, a time is over, a command comes, or nothing will happen any more.
fn rest_or<P: Steppable>(
    session: &mut Session<P>,
    channel: &mut ChildChannel,
    waiting: &Waiting,
    wait: &mut impl FnMut(&mut P, &Waiting, u64) -> io::Result<bool>,
) -> io::Result<()> {
    channel.flush()?;
    let rest = session.rest_at(waiting);
    let until = waiting.until.or(rest).unwrap_or(MAX_RUN_US);
    let Some(programs) = session.programs() else { return Ok(()) };
    let moved = wait(programs, waiting, until)?;
    let now = programs.now();
    if waiting.until.is_none() && !moved && session.rest_at(waiting).is_some_and(|rest| now >= rest)
    {
        session.rest();
    }
    Ok(())
}
