//! Opening files: traces of the lab, and recordings of bridge sessions.

use framescope_lab::SavedFile;
use framescope_record::Recording;

use super::{lab, session, viewing};
use crate::effect::Effect;
use crate::state::{Connection, State, Tab};

/// How many characters of a problem are shown: it may quote the file, which is as long as it likes.
const MAX_PROBLEM: usize = 300;

/// Shows what was in a file, each kind in its room, whichever room it was opened from.
pub(super) fn opened(state: &mut State, file: SavedFile) -> Vec<Effect> {
    state.file_problem = None;
    match file {
        SavedFile::Trace(trace) => lab::import(state, trace),
        SavedFile::Recording(recording) => show_recording(state, recording),
    }
}

/// Says why there is nothing to show, or nothing was written. What was on screen stays.
pub(super) fn failed(state: &mut State, problem: &str) -> Vec<Effect> {
    state.file_problem = Some(problem.chars().take(MAX_PROBLEM).collect());
    Vec::new()
}

/// Shows a recording as one more connection that is over. One that is open stays open, and goes on
/// to receive.
fn show_recording(state: &mut State, recording: Recording) -> Vec<Effect> {
    let number = state.next_number();
    let connection = Connection::recorded(number, recording, state.max_payload());
    state.connections.push(connection);
    state.tab = Tab::Live;
    let mut effects = viewing::show(state, number);
    session::forget_oldest(state);
    effects.push(Effect::SetFragment(state.fragment()));
    effects
}
