//! Updates for files that arrive in parts: traces of the lab, and recordings of bridge sessions.

use framescope_lab::FileReport;

use super::{lesson, opening, session, viewing};
use crate::effect::Effect;
use crate::state::{Arriving, ArrivingFile, Connection, Opening, Problem, State, Tab};

/// Takes the next report about the file with this number.
pub(super) fn reported(state: &mut State, number: u32, report: FileReport) -> Vec<Effect> {
    if number != state.file_number {
        return Vec::new();
    }
    match (opening::take(state), report) {
        (Some(Opening::Reading { name }), FileReport::Head(head, expected)) => {
            let file = ArrivingFile::new(*head, expected, state.max_payload());
            go_on(state, name, Box::new(file))
        }
        (Some(Opening::Arriving { name, mut file }), FileReport::Part(events)) => {
            file.add(events);
            go_on(state, name, file)
        }
        (Some(_), FileReport::Refused(problem)) => refuse(state, Problem::File(problem)),
        (other, FileReport::Head(..) | FileReport::Part(_) | FileReport::Refused(_)) => {
            // The reader sends the head first, and once. After a file was given up, nothing is for it.
            state.opening = other.unwrap_or(Opening::Nothing);
            Vec::new()
        }
    }
}

/// The file with this number cannot be read to its end.
pub(super) fn unread(state: &mut State, number: u32, problem: Problem) -> Vec<Effect> {
    if number != state.file_number || opening::take(state).is_none() {
        return Vec::new();
    }
    refuse(state, problem)
}

/// Shows why a file could not be opened or written. The rest of the screen does not change.
pub(super) fn failed(state: &mut State, problem: Problem) -> Vec<Effect> {
    state.problem = Some(problem);
    Vec::new()
}

/// Shows the file if it is whole, or asks for its next part.
fn go_on(state: &mut State, name: String, file: Box<ArrivingFile>) -> Vec<Effect> {
    if file.is_whole() {
        let mut effects = show(state, file.into_content());
        effects.push(Effect::StopReading);
        return effects;
    }
    state.opening = Opening::Arriving { name, file };
    vec![Effect::ReadOn]
}

fn refuse(state: &mut State, problem: Problem) -> Vec<Effect> {
    let mut effects = failed(state, problem);
    effects.push(Effect::StopReading);
    effects
}

/// Shows the content of a file: a trace in the lab, a recording on the tab Live.
fn show(state: &mut State, content: Arriving) -> Vec<Effect> {
    state.problem = None;
    match content {
        Arriving::Trace(trace) => {
            let (trace, timeline) = *trace;
            lesson::import(state, trace, timeline)
        }
        Arriving::Recording(connection) => show_recording(state, *connection),
    }
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
