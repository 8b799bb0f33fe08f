//! What a worker does: it limits itself, obeys the lab's commands on real sockets, and reports.

use std::io;
use std::time::{Duration, Instant};

use framescope_engine::programs::{Driven, Session, Waiting};
use framescope_engine::sockets::Kernel as _;
use framescope_lab::{Command, MAX_RUN_US};

use super::child::{ChildChannel, Polled};
use super::child_stream::ChildStream;
use super::limits::Limits;
use super::message::Said;
use crate::programs::{Place, RealKernel};

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
pub fn run_child(limits: &Limits, place: Place) -> io::Result<()> {
    limits.set()?;
    let mut channel = ChildChannel::new(ChildStream::open()?);
    // If the relay has ended before the system was told to end this process with it, nobody reads this.
    channel.send(&Said::Ready)?;
    channel.flush()?;
    serve(&mut channel, place)?;
    channel.flush()
}

/// Obeys the relay until it closes its end.
///
/// # Errors
///
/// The channel fails, or what comes is not a command, or it loads a second experiment.
fn serve(channel: &mut ChildChannel, place: Place) -> io::Result<()> {
    let Some(first) = channel.recv()? else { return Ok(()) };
    let Command::Load(experiment) = &first else {
        return Err(io::Error::other("the first command loads no experiment"));
    };
    let kernel = place.into_kernel(&experiment.wire);
    let mut kernel = kernel.map_err(|why| io::Error::other(why.error))?;
    channel.wake(&mut kernel)?;
    let mut kernel = Some(kernel);
    let mut session = Session::new(move |_| kernel.take().expect("only one is loaded"));
    let mut command = first;
    loop {
        obey(&mut session, channel, command)?;
        if carry_out(&mut session, channel)? == Next::End {
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

fn obey(
    session: &mut Session<RealKernel>,
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
fn carry_out(session: &mut Session<RealKernel>, channel: &mut ChildChannel) -> io::Result<Next> {
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
            Driven::Wait(waiting) => wait(session, channel, &waiting)?,
            Driven::Reads(_) => {
                let waiting = session.programs().map(|programs| programs.waiting());
                wait(session, channel, &waiting.unwrap_or_default())?;
            }
            Driven::Over => {}
        }
        looked = None;
        channel.flush()?;
    }
}

/// Waits until a call may return, a time is over, a command comes, or nothing will happen any more.
fn wait(
    session: &mut Session<RealKernel>,
    channel: &mut ChildChannel,
    waiting: &Waiting,
) -> io::Result<()> {
    channel.flush()?;
    let rest = session.rest_at(waiting);
    let until = waiting.until.or(rest).unwrap_or(MAX_RUN_US);
    let Some(programs) = session.programs() else { return Ok(()) };
    let kernel = programs.kernel();
    let moved = kernel.wait(&waiting.calls, until);
    let is_at_rest = rest.is_some_and(|rest| kernel.now() >= rest);
    if waiting.until.is_none() && !moved && is_at_rest {
        session.rest();
    }
    Ok(())
}
