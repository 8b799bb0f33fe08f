//! Runs an experiment to its end, and prints it.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use framescope_engine::programs::simulate;
use framescope_lab::{Experiment, Network, Trace};
use framescope_record::Source;

use super::form::{Form, Output};
use super::timeline::Timeline;

/// Where an experiment runs: on real sockets, with a wire if the system has what it takes. Or elsewhere.
#[derive(Clone, Debug, Args)]
pub(crate) struct PlaceArgs {
    /// On the simulated kernel instead of real sockets
    #[arg(long)]
    pub(crate) simulated: bool,
    /// On the loopback interface, where no segment is seen
    #[arg(long, conflicts_with = "simulated")]
    no_wire: bool,
    /// Print every segment
    #[arg(long)]
    wire: bool,
    /// Write every segment into a capture file, for Wireshark
    #[arg(long, value_name = "FILE", conflicts_with_all = ["simulated", "no_wire"])]
    pcap: Option<PathBuf>,
}

/// Runs an experiment to its end, prints it, and returns the exit code. A program without lines of input reads
/// those of the terminal.
pub(crate) fn play(experiment: Experiment, place: &PlaceArgs, form: Form) -> anyhow::Result<i32> {
    let names: Vec<String> = experiment.programs.iter().map(|one| one.name.clone()).collect();
    let (programs, starts) = (experiment.programs.clone(), experiment.starts.clone());
    let wire = experiment.wire.clone();
    let source = if place.simulated { Source::Simulated } else { Source::Measured };
    let mut output = Output {
        names: &names,
        timeline: Timeline::new(&names, place.wire),
        form,
        pcap: place.pcap.as_deref(),
        trace: Trace::new(source, experiment),
    };
    if place.simulated {
        let read = |program| {
            ask(&names, program);
            read_line()
        };
        let programs = simulate(programs, starts, |programs| output.write(programs), read)?;
        return output.finish(programs);
    }
    #[cfg(unix)]
    {
        use std::os::fd::AsFd as _;

        use framescope::programs::{RealPrograms, run, wait_for_input};
        use framescope_engine::sockets::Kernel as _;

        let kernel = real_kernel(place.no_wire, &wire)?;
        output.trace.network = kernel.network();
        if let Network::Loopback(why) = &output.trace.network {
            let remedy = why.remedy.iter().map(|remedy| format!("\nThis helps:\n{remedy}"));
            let sentence =
                format!("no segment is seen: {}{}", why.error, remedy.collect::<String>());
            if place.pcap.is_some() {
                anyhow::bail!(sentence);
            }
            if place.wire {
                eprintln!("framescope: {sentence}");
            }
        }
        let read = |program, programs: &mut RealPrograms| {
            ask(&names, program);
            wait_for_input(programs, io::stdin().as_fd());
            read_line()
        };
        let watch = |programs: &mut RealPrograms| output.write(programs);
        let programs = run(programs, starts, kernel, watch, read)?;
        output.finish(programs)
    }
    #[cfg(not(unix))]
    anyhow::bail!("on this system, programs run with --simulated only")
}

/// Moves this process to a network with a wire, if it should have one and the system has what it takes.
#[cfg(unix)]
fn real_kernel(
    no_wire: bool,
    wire: &framescope_lab::WireSetup,
) -> anyhow::Result<framescope::programs::RealKernel> {
    use framescope::programs::Place;
    use framescope::worker::{own_executable, try_wire};
    use framescope_lab::NoWire;

    let why = if no_wire { Err(NoWire::off()) } else { try_wire(&own_executable()?) };
    let place = match why {
        Ok(()) => Place::on_wire().map_err(|why| anyhow::anyhow!(why.error))?,
        Err(why) => Place::on_loopback(why),
    };
    place.into_kernel(wire).map_err(|why| anyhow::anyhow!(why.error))
}

/// Says which program reads a line.
fn ask(names: &[String], program: usize) {
    if io::stdin().is_terminal() {
        eprint!("{} reads a line: ", names[program]);
    }
}

/// The next line of the terminal. `None` at the end of the input. Nothing is read ahead: whoever waits for the next line
/// sees whether it is there.
fn read_line() -> anyhow::Result<Option<String>> {
    let mut line = Vec::new();
    while let Some(byte) = read_byte().context("cannot read the input")? {
        if byte == b'\n' {
            let line = String::from_utf8(line).context("cannot read the input")?;
            return Ok(Some(line.trim_end_matches('\r').to_owned()));
        }
        line.push(byte);
    }
    let line = String::from_utf8(line).context("cannot read the input")?;
    Ok((!line.is_empty()).then_some(line))
}

/// The next byte of the terminal. `None` at the end of the input.
fn read_byte() -> io::Result<Option<u8>> {
    let mut byte = [0];
    #[cfg(unix)]
    let mut input = {
        // The standard library's reads ahead.
        use std::os::fd::AsFd as _;
        std::fs::File::from(io::stdin().as_fd().try_clone_to_owned()?)
    };
    #[cfg(not(unix))]
    let mut input = io::stdin();
    match io::Read::read_exact(&mut input, &mut byte) {
        Ok(()) => Ok(Some(byte[0])),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}
