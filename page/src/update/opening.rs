//! Updates for the beginning and the end of a file's opening. It is read elsewhere.

use crate::effect::{Effect, FileSource};
use crate::state::{Opening, State};

/// Begins to read a file. One that is being opened is given up.
pub(super) fn begin(state: &mut State, source: FileSource, name: String) -> Vec<Effect> {
    state.problem = None;
    state.opening = Opening::Reading { name };
    state.file_number += 1;
    vec![Effect::ReadFile { number: state.file_number, source }]
}

/// Gives up the file that is being opened, if there is one.
pub(super) fn cancel(state: &mut State) -> Option<Effect> {
    take(state).map(|_| Effect::StopReading)
}

/// Takes the file that is being opened. Then there is none.
pub(super) fn take(state: &mut State) -> Option<Opening> {
    match std::mem::replace(&mut state.opening, Opening::Nothing) {
        Opening::Nothing => None,
        opening @ (Opening::Reading { .. } | Opening::Arriving { .. }) => Some(opening),
    }
}
