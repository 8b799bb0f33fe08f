//! Updates for opening files: traces of the lab, and recordings of bridge sessions.

use framescope_lab::SavedFile;
use framescope_record::Recording;

use super::{lesson, session, viewing};
use crate::effect::Effect;
use crate::state::{Connection, Problem, State, Tab};

/// Shows the content of a file: a trace in the lab, a recording on the tab Live.
pub(super) fn opened(state: &mut State, file: SavedFile) -> Vec<Effect> {
    state.problem = None;
    match file {
        SavedFile::Trace(trace) => lesson::import(state, trace),
        SavedFile::Recording(recording) => show_recording(state, recording),
    }
}

/// Shows why a file could not be opened or written. The rest of the screen does not change.
pub(super) fn failed(state: &mut State, problem: Problem) -> Vec<Effect> {
    state.problem = Some(problem);
    Vec::new()
}

/// Adds a recording to the connections and shows it. A connection that is open stays open and receives.
fn show_recording(state: &mut State, recording: Recording) -> Vec<Effect> {
    let number = state.next_number();
    let connection = Connection::recorded(number, recording, state.max_payload());
    state.connections.push(connection);
    state.tab = Tab::Live;
    let mut effects = viewing::show(state, number);
    session::remove_oldest(state);
    effects.push(Effect::SetFragment(state.fragment()));
    effects
}
