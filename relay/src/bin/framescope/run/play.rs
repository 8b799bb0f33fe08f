//! Runs an experiment to its end, and prints it.

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;
use framescope_engine::programs::{Programs, simulate};
use framescope_lab::{Experiment, Trace};
use framescope_record::Source;

use super::form::{Form, Output};
use super::timeline::Timeline;

/// Runs an experiment to its end, prints it, and returns the exit code. A program without lines of input reads
/// those of the terminal.
pub(crate) fn play(experiment: Experiment, simulated: bool, form: Form) -> anyhow::Result<i32> {
    let names: Vec<String> = experiment.programs.iter().map(|one| one.name.clone()).collect();
    let (programs, starts) = (experiment.programs.clone(), experiment.starts.clone());
    let source = if simulated { Source::Simulated } else { Source::Measured };
    let mut output = Output {
        names: &names,
        timeline: Timeline::new(&names),
        form,
        trace: Trace::new(source, experiment),
    };
    let read = |program| read_line(&names, program);
    if simulated {
        let programs = simulate(programs, starts, |programs| output.write(programs), read)?;
        return output.finish(programs);
    }
    #[cfg(unix)]
    {
        let watch =
            |programs: &mut Programs<framescope::programs::RealKernel>| output.write(programs);
        let programs = framescope::programs::run(programs, starts, watch, read)?;
        output.finish(programs)
    }
    #[cfg(not(unix))]
    anyhow::bail!("on this system, programs run with --simulated only")
}

/// Asks for the line that a program reads. `None` at the end of the input.
fn read_line(names: &[String], program: usize) -> anyhow::Result<Option<String>> {
    if io::stdin().is_terminal() {
        eprint!("{} reads a line: ", names[program]);
    }
    let mut line = String::new();
    let length = io::stdin().read_line(&mut line).context("cannot read the input")?;
    let line = line.trim_end_matches(['\n', '\r']);
    Ok((length > 0).then(|| line.to_owned()))
}
