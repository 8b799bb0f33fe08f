//! Updates of the pages of a class: what the teacher's page shows, and the pages that follow it.

use framescope_lab::{Command, FileReport, Report, SavedFile, Trace, find_variant, variant_of};

use super::{lab_channel, lesson, viewing};
use crate::effect::Effect;
use crate::msg::{Followed, Mirrored};
use crate::state::{Part, State, Tab};

/// Those who follow get the report. The first one of a run is preceded by its experiment.
pub(super) fn report(state: &mut State, bytes: &[u8]) -> Vec<Effect> {
    if !matches!(state.part, Part::Shown(_)) {
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
    let Part::Shown(known) = &state.part else { return None };
    if state.tab != Tab::Lab {
        return None;
    }
    let place = match state.event() {
        Some(event) => format!("{} {event}", state.lab.name()),
        None => state.lab.name().to_owned(),
    };
    (*known != place).then(|| {
        state.part = Part::Shown(place.clone());
        Effect::Mirror(Mirrored::Place(place))
    })
}

/// Shows what the teacher's page shows. What cannot be read is left out.
pub(super) fn follow(state: &mut State, followed: Followed) -> Vec<Effect> {
    match followed {
        Followed::Run(head) => {
            if let Some(FileReport::Head(head, _)) = FileReport::decode(&head)
                && let SavedFile::Trace(Trace { source, experiment, .. }) = *head
            {
                state.tab = Tab::Lab;
                state.lab.source = source;
                state.lab.variant = variant_of(&experiment.programs);
                let is_own = state.lab.variant.is_some();
                state.lab.replace_experiment(experiment, is_own);
                state.lab.is_loaded = true;
                return viewing::show_newest_moment(state);
            }
        }
        Followed::Report(report) => {
            if let Some(report) = Report::decode(&report) {
                return lab_channel::take(state, report);
            }
        }
        Followed::Place(place) => return go_to(state, &place),
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
