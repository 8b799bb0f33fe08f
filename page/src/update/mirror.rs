//! Updates of the pages of a class: what the teacher's page shows, and the pages that follow it.

use framescope_lab::{Command, Report, find_variant, variant_of};

use super::{lesson, viewing};
use crate::effect::Effect;
use crate::msg::Mirrored;
use crate::state::{State, Tab};

/// Those who follow get the report. The first one of a run is preceded by its experiment.
pub(super) fn report(state: &mut State, bytes: &[u8]) -> Vec<Effect> {
    if state.mirrored.is_none() {
        return Vec::new();
    }
    let mut effects = Vec::new();
    if !state.lab.is_mirrored {
        state.lab.is_mirrored = true;
        let load = Command::Load(state.lab.experiment.clone()).encode();
        effects.push(Effect::Mirror(Mirrored::Run(state.lab.source, load)));
    }
    effects.push(Effect::Mirror(Mirrored::Report(bytes.to_vec())));
    effects
}

/// Those who follow go to where the page is, if it is elsewhere than before.
pub(super) fn place(state: &mut State) -> Option<Effect> {
    let known = state.mirrored.as_ref().filter(|_| state.tab == Tab::Lab)?;
    let place = match state.event() {
        Some(event) => format!("{} {event}", state.lab.name()),
        None => state.lab.name().to_owned(),
    };
    (*known != place).then(|| {
        state.mirrored = Some(place.clone());
        Effect::Mirror(Mirrored::Place(place))
    })
}

/// Shows what the teacher's page shows. What cannot be read is left out.
pub(super) fn follow(state: &mut State, mirrored: Mirrored) -> Vec<Effect> {
    match mirrored {
        Mirrored::Run(source, load) => {
            if let Ok(Command::Load(experiment)) = Command::decode(&load) {
                state.tab = Tab::Lab;
                state.lab.source = source;
                state.lab.variant = variant_of(&experiment.programs);
                let is_own = state.lab.variant.is_some();
                state.lab.replace_experiment(experiment, is_own);
                state.lab.is_loaded = true;
                return viewing::show_newest_moment(state);
            }
        }
        Mirrored::Report(report) => {
            match Report::decode(&report) {
                Some(Report::Events(events)) => state.lab.record_events(events),
                Some(Report::Network(network)) => state.lab.trace.network = network,
                Some(Report::Over(end)) => state.lab.trace.end = Some(end),
                Some(Report::Loaded(_) | Report::Next(_) | Report::Rests | Report::Failed(_))
                | None => {}
            }
            viewing::keep_in_view(state);
        }
        Mirrored::Place(place) => return go_to(state, &place),
    }
    Vec::new()
}

/// Goes to a lesson and a moment.
fn go_to(state: &mut State, place: &str) -> Vec<Effect> {
    let (name, event) = place.split_once(' ').unwrap_or((place, ""));
    let is_elsewhere = state.tab != Tab::Lab || state.lab.name() != name;
    let mut effects = match find_variant(name).filter(|_| is_elsewhere) {
        Some(_) => lesson::choose_by_name(state, name),
        None => Vec::new(),
    };
    match event.parse::<usize>() {
        Ok(event) => {
            let moments = state.lab.timeline.moments();
            let at = moments.partition_point(|moment| *moment <= event).saturating_sub(1);
            state.cursor = Some(at);
            state.follow = false;
        }
        Err(_) => effects.extend(viewing::show_newest_moment(state)),
    }
    effects.retain(|effect| !matches!(effect, Effect::SetFragment(_)));
    effects
}
