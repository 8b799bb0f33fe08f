//! Runs an experiment to its end, and prints it.

use framescope_engine::programs::simulate;
use framescope_lab::{Experiment, Trace};
use framescope_record::Source;

use super::form::{Form, Output, Played};
use super::place::PlaceArgs;
use super::real;
use super::terminal::{ask, read_line};
use super::timeline::Timeline;
use super::words::Words;

/// Runs an experiment to its end, and prints it. A program without lines of input reads those of the terminal.
pub(crate) fn play(
    mut experiment: Experiment,
    place: &PlaceArgs,
    form: Form,
    words: Words,
) -> anyhow::Result<Played> {
    if let Some(wire) = &place.on_wire {
        experiment.wire.clone_from(wire);
    }
    let names: Vec<String> = experiment.programs.iter().map(|one| one.name.clone()).collect();
    let source = if place.simulated { Source::Simulated } else { Source::Measured };
    let mut output = Output {
        names: &names,
        timeline: Timeline::new(&names, &experiment, place.wire, words),
        form,
        words,
        pcap: place.pcap.as_deref(),
        trace: Trace::new(source, experiment),
    };
    if place.simulated {
        let read = |program: usize| {
            ask(words, &names[program]);
            read_line()
        };
        let experiment = output.trace.experiment.clone();
        let programs = simulate(experiment, |programs| output.write(programs.take_events()), read)?;
        return output.finish(programs);
    }
    real::play(place, output)
}
