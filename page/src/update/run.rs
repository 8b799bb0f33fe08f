//! The beginning of a new run.

use framescope_lab::Command;
use framescope_record::Source;

use super::{lab_channel, opening, viewing, wire};
use crate::effect::Effect;
use crate::state::{Channel, State};

/// Clears the run, so that the next step begins a new one. It uses the simulated kernel if no relay can
/// run experiments. Otherwise the source does not change.
pub(super) fn begin_new_run(state: &mut State) -> Vec<Effect> {
    if !state.has_lab() {
        choose_runner(state, Source::Simulated);
    }
    if let Some(series) = &mut state.lab.series {
        series.is_running = false;
    }
    if state.lab.trace.experiment.wire != state.lab.experiment.wire {
        state.lab.is_loaded = false;
    }
    state.lab.clear_run();
    state.problem = None;
    let mut effects = viewing::show_newest_moment(state);
    effects.extend(opening::cancel(state));
    if state.lab.channel == Channel::Open && state.lab.is_loaded {
        state.lab.awaited += 1;
        effects.extend(lab_channel::send(state, &Command::Reset));
        effects.extend(wire::after_load(state));
    } else {
        state.lab.is_loaded = false;
    }
    effects.push(Effect::SetFragment(state.fragment()));
    effects
}

/// The next run takes place there. The channel to the other runner is not used any more.
pub(super) fn choose_runner(state: &mut State, source: Source) {
    if source != state.lab.source {
        state.lab.source = source;
        state.lab.channel = Channel::Absent;
        state.lab.is_loaded = false;
        state.lab.awaited = 0;
    }
}
