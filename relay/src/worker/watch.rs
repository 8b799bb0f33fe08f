//! What a worker does that watches programs.

use std::ffi::OsString;
use std::io;
use std::os::fd::AsFd as _;

use framescope_engine::programs::{Session, Waiting};
use framescope_lab::{Command, Experiment};
use rustix::process::{Signal, set_parent_process_death_signal};

use super::child::ChildChannel;
use super::child_stream::ChildStream;
use super::message::Said;
use super::serve::serve;
use super::work::WatchWays;
use super::workers::own_executable;
use crate::watch::{Reach, Unchanged, Watch, Ways};
use crate::wire::{Network, SetupError, Tap};

/// The life of a worker that watches these programs: the file of each, and its arguments. Standard input is its end of the
/// channel.
///
/// This process must have no other thread: it may move to another network.
///
/// # Errors
///
/// The system does not let programs be watched, the channel failed, or what came is not a command.
///
/// # Panics
///
/// Never: a second experiment is refused.
pub fn watch_child(commands: Vec<Vec<OsString>>, ways: WatchWays) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let network = if ways.reach_all { None } else { Some(Network::enter().map_err(refused)?) };
    let stream = ChildStream::open()?;
    let input = stream.readable()?;
    let mut channel = ChildChannel::new(stream);
    channel.send(&Said::Ready)?;
    channel.flush()?;
    let Some(first) = channel.recv()? else { return Ok(()) };
    let Command::Load(experiment) = &first else {
        return Err(io::Error::other("the first command loads no experiment"));
    };
    let mut watch = Some(begin(experiment, commands, network, ways.raw)?);
    let session = Session::of(move |_| watch.take().expect("only one is loaded"));
    serve(&mut channel, session, first, |watch: &mut Watch, _: &Waiting, _| {
        watch.wait(Some(input.as_fd()))
    })?;
    channel.flush()
}

fn begin(
    experiment: &Experiment,
    commands: Vec<Vec<OsString>>,
    network: Option<Network>,
    raw: bool,
) -> io::Result<Watch> {
    let reach = match network {
        Some(network) => Reach::EachOther(network.finish(experiment.wire.mtu).map_err(refused)?),
        None => Reach::All(Tap::open()),
    };
    let commands = commands.into_iter().map(Unchanged::found).collect();
    let watch =
        Watch::new(experiment, commands, own_executable()?, Ways { reach, raw, variables: true });
    watch.map_err(io::Error::other)
}

fn refused(why: SetupError) -> io::Error {
    io::Error::other(why.error)
}
