//! Runs an experiment on real sockets.

use anyhow::{anyhow, bail};
use framescope::programs::{Place, RealKernel, RealPrograms, read_meanwhile, run};
use framescope::worker::{own_executable, try_wire};
use framescope_engine::sockets::Kernel as _;
use framescope_lab::{Network, NoWire, WireSetup};

use super::form::{Output, Played};
use super::place::PlaceArgs;
use super::terminal::{ask, read_line};

/// Runs the experiment of a trace to its end, and prints it. This process, which must have one thread, moves to a
/// network with a wire, if it should have one and the system has what it takes.
pub(super) fn play(place: &PlaceArgs, mut output: Output<'_>) -> anyhow::Result<Played> {
    let experiment = output.trace.experiment.clone();
    let kernel = kernel(place.no_wire, &experiment.wire)?;
    output.trace.network = kernel.network();
    if let Network::Loopback(why) = &output.trace.network {
        let does_something = |wire: &WireSetup| *wire != WireSetup::default();
        if place.on_wire.as_ref().is_some_and(does_something) {
            let missing = "--on-wire needs a wire, and there is none here (--simulated has one)";
            bail!("{missing}: {}", sentence(why));
        }
        if place.pcap.is_some() {
            bail!("no segment is seen: {}", sentence(why));
        }
        if does_something(&experiment.wire) {
            let missed = "what should happen on the wire does not happen";
            eprintln!("framescope: no segment is seen, and {missed}: {}", sentence(why));
        } else if place.wire {
            eprintln!("framescope: no segment is seen: {}", sentence(why));
        }
    }
    let (names, words) = (output.names, output.words);
    let read = |program: usize, programs: &mut RealPrograms| {
        ask(words, &names[program]);
        read_meanwhile(programs, read_line)?
    };
    let watch = |programs: &mut RealPrograms| output.write(programs.take_events());
    let programs = run(experiment.programs, experiment.starts, kernel, watch, read)?;
    output.finish(programs)
}

/// Why there is no wire, and what helps.
fn sentence(why: &NoWire) -> String {
    let remedy = why.remedy.iter().map(|remedy| format!("\nThis helps:\n{remedy}"));
    format!("{}{}", why.error, remedy.collect::<String>())
}

fn kernel(no_wire: bool, wire: &WireSetup) -> anyhow::Result<RealKernel> {
    let tried = if no_wire { Err(NoWire::off()) } else { try_wire(&own_executable()?) };
    let place = match tried {
        Ok(()) => Place::on_wire().map_err(|why| anyhow!(why.error))?,
        Err(why) => Place::on_loopback(why),
    };
    place.into_kernel(wire).map_err(|why| anyhow!(why.error))
}
