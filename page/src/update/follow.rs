//! Updates of a page that follows the teacher's page of a class.

use framescope_lab::{FileReport, Report, SavedFile, Trace, find_variant, variant_of};

use super::{lab_channel, lesson, viewing};
use crate::effect::Effect;
use crate::msg::Followed;
use crate::state::{State, Tab};

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
