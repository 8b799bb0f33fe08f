//! What a worker does: it limits itself, obeys the lab's commands on real sockets, and reports.

use std::io;
use std::os::fd::AsFd as _;
use std::time::{Duration, Instant};

use framescope_engine::programs::{Driven, Session};
use framescope_engine::sockets::Kernel as _;
use framescope_lab::{Command, MAX_RUN_US};

use super::child::{ChildChannel, Polled};
use super::limits::Limits;
use super::message::Said;
use crate::programs::{RealKernel, rest_us};

/// While programs do not wait, the channel is looked at this often.
const LOOK: Duration = Duration::from_millis(5);

/// The life of a worker, from its start to its end. Standard input is its end of the pair of sockets.
///
/// This process must have no other thread: the limits hold for the threads that begin after this.
///
/// # Errors
///
/// A limit could not be set, the channel failed, or what came is not a command.
pub fn run_child(limits: &Limits) -> io::Result<()> {
    limits.set()?;
    let mut channel = ChildChannel::new(io::stdin().as_fd().try_clone_to_owned()?.into());
    // If the relay has ended before the system was told to end this process with it, nobody reads this.
    channel.send(&Said::Ready)?;
    channel.flush()?;
    serve(&mut channel)?;
    channel.flush()
}

/// Obeys the relay until it closes its end.
///
/// # Errors
///
/// The channel fails, or what comes is not a command.
fn serve(channel: &mut ChildChannel) -> io::Result<()> {
    let mut session = Session::new(RealKernel::default);
    while let Some(command) = channel.recv()? {
        obey(&mut session, channel, command)?;
        if carry_out(&mut session, channel)? == Next::End {
            return Ok(());
        }
    }
    Ok(())
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
    session.command(command);
    channel.send(&Said::Obeyed)
}

/// Goes on until the run is over, and obeys what comes meanwhile.
fn carry_out(session: &mut Session<RealKernel>, channel: &mut ChildChannel) -> io::Result<Next> {
    // When something happened last, in microseconds since the run began.
    let mut last = 0;
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
        let Some(programs) = session.programs() else {
            channel.flush()?;
            return Ok(Next::Command);
        };
        let now = programs.kernel().now();
        match driven {
            Driven::Again => {
                last = now;
                if looked.is_some_and(|looked| looked.elapsed() < LOOK) {
                    continue;
                }
            }
            Driven::Wait(_) | Driven::Reads(_) if may_have_more => {}
            Driven::Wait(_) | Driven::Reads(_) => {
                let plays = programs.plays() && !programs.reads();
                let waiting = programs.waiting();
                let rest = last.saturating_add(rest_us(&waiting.calls));
                let until = waiting.until.unwrap_or(if plays { rest } else { MAX_RUN_US });
                channel.flush()?;
                let moved = programs.kernel().wait(&waiting.calls, until, Some(channel.as_fd()));
                let is_at_rest = plays && waiting.until.is_none() && !moved;
                if is_at_rest && programs.kernel().now() >= rest {
                    session.rest();
                    last = now;
                }
            }
            Driven::Over => {}
        }
        looked = None;
        channel.flush()?;
    }
}
