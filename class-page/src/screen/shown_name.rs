//! What somebody is called on screen.

use framescope_class::{Name, ParticipantId};

use crate::state::State;

/// The nickname, or without one the number, from 1.
pub(super) fn shown_name(state: &State, id: ParticipantId, name: Option<&Name>) -> String {
    match name {
        Some(name) => name.as_str().to_owned(),
        None => state.locale.fill("guest", &[("number", &(id.0 + 1))]),
    }
}
