//! What the teacher's page of a class shows, for the pages that follow it.

use framescope_lab::Command;

use crate::effect::{Effect, Mirrored};
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
