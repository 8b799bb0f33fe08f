//! Updates for a file that is being opened: it is read elsewhere, and arrives in parts.

use framescope_lab::FileReport;

use super::file;
use crate::effect::{Effect, FileSource};
use crate::state::{ArrivingFile, Opening, Problem, State};

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

/// Takes the next report about the file with this number.
pub(super) fn reported(state: &mut State, number: u32, report: FileReport) -> Vec<Effect> {
    if number != state.file_number {
        return Vec::new();
    }
    match (take(state), report) {
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
pub(super) fn failed(state: &mut State, number: u32, problem: Problem) -> Vec<Effect> {
    if number != state.file_number || take(state).is_none() {
        return Vec::new();
    }
    refuse(state, problem)
}

/// Shows the file if it is whole, or asks for its next part.
fn go_on(state: &mut State, name: String, file: Box<ArrivingFile>) -> Vec<Effect> {
    if file.is_whole() {
        let mut effects = file::show(state, file.into_content());
        effects.push(Effect::StopReading);
        return effects;
    }
    state.opening = Opening::Arriving { name, file };
    vec![Effect::ReadOn]
}

/// Says why the file is not shown. The rest of the screen does not change.
fn refuse(state: &mut State, problem: Problem) -> Vec<Effect> {
    let mut effects = file::failed(state, problem);
    effects.push(Effect::StopReading);
    effects
}

/// Takes the file that is being opened. Then there is none.
fn take(state: &mut State) -> Option<Opening> {
    match std::mem::replace(&mut state.opening, Opening::Nothing) {
        Opening::Nothing => None,
        opening @ (Opening::Reading { .. } | Opening::Arriving { .. }) => Some(opening),
    }
}
