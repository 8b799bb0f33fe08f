//! Updates for files that have been opened: traces of the lab, and recordings of bridge sessions.

use super::{lesson, session, viewing};
use crate::effect::Effect;
use crate::state::{Arriving, Connection, Problem, State, Tab};

/// Shows the content of a file: a trace in the lab, a recording on the tab Live.
pub(super) fn show(state: &mut State, content: Arriving) -> Vec<Effect> {
    state.problem = None;
    match content {
        Arriving::Trace(trace) => {
            let (trace, timeline) = *trace;
            lesson::import(state, trace, timeline)
        }
        Arriving::Recording(connection) => show_recording(state, *connection),
    }
}

/// Shows why a file could not be opened or written. The rest of the screen does not change.
pub(super) fn failed(state: &mut State, problem: Problem) -> Vec<Effect> {
    state.problem = Some(problem);
    Vec::new()
}

/// Adds a recording to the connections and shows it. A connection that is open stays open and receives.
fn show_recording(state: &mut State, mut connection: Connection) -> Vec<Effect> {
    let number = state.next_number();
    connection.number = number;
    state.connections.push(connection);
    state.tab = Tab::Live;
    let mut effects = viewing::show(state, number);
    session::remove_oldest(state);
    effects.push(Effect::SetFragment(state.fragment()));
    effects
}
