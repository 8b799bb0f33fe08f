//! Runs an experiment on real sockets.

use anyhow::{anyhow, bail};
use framescope::programs::{Place, RealKernel, RealPrograms, read_meanwhile, run};
use framescope::worker::{own_executable, try_wire};
use framescope_engine::sockets::Kernel as _;
use framescope_lab::{Network, NoWire, WireSetup};

use super::form::Output;
use super::place::PlaceArgs;
use super::terminal::{ask, read_line};

/// Runs the experiment of a trace to its end, prints it, and returns the exit code. This process, which must have one
/// thread, moves to a network with a wire, if it should have one and the system has what it takes.
pub(super) fn play(place: &PlaceArgs, mut output: Output<'_>) -> anyhow::Result<i32> {
    let experiment = output.trace.experiment.clone();
    let kernel = kernel(place.no_wire, &experiment.wire)?;
    output.trace.network = kernel.network();
    if let Network::Loopback(why) = &output.trace.network {
        let remedy = why.remedy.iter().map(|remedy| format!("\nThis helps:\n{remedy}"));
        let sentence = format!("no segment is seen: {}{}", why.error, remedy.collect::<String>());
        if place.pcap.is_some() {
            bail!(sentence);
        }
        if place.wire || experiment.wire != WireSetup::default() {
            eprintln!("framescope: {sentence}");
        }
    }
    let names = output.names;
    let read = |program, programs: &mut RealPrograms| {
        ask(names, program);
        read_meanwhile(programs, read_line)?
    };
    let watch = |programs: &mut RealPrograms| output.write(programs);
    let programs = run(experiment.programs, experiment.starts, kernel, watch, read)?;
    output.finish(programs)
}

fn kernel(no_wire: bool, wire: &WireSetup) -> anyhow::Result<RealKernel> {
    let tried = if no_wire { Err(NoWire::off()) } else { try_wire(&own_executable()?) };
    let place = match tried {
        Ok(()) => Place::on_wire().map_err(|why| anyhow!(why.error))?,
        Err(why) => Place::on_loopback(why),
    };
    place.into_kernel(wire).map_err(|why| anyhow!(why.error))
}
