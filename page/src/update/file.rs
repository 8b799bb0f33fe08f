//! Opening files: traces of the lab, and recordings of bridge sessions.

use framescope_lab::KeptFile;
use framescope_record::Recording;

use super::{lab, session, viewing};
use crate::effect::Effect;
use crate::state::{Connection, Model, Room};

/// How many characters of a problem are shown: it may quote the file, which is as long as it likes.
const MAX_PROBLEM: usize = 300;

/// Shows what was in a file, each kind in its room, whichever room it was opened from.
pub(super) fn opened(model: &mut Model, file: KeptFile) -> Vec<Effect> {
    model.file_problem = None;
    match file {
        KeptFile::Trace(trace) => lab::import(model, trace),
        KeptFile::Recording(recording) => show_recording(model, recording),
    }
}

/// Says why there is nothing to show, or nothing was written. What was on screen stays.
pub(super) fn failed(model: &mut Model, problem: &str) -> Vec<Effect> {
    model.file_problem = Some(problem.chars().take(MAX_PROBLEM).collect());
    Vec::new()
}

/// Shows a recording as one more connection that is over. One that is open stays open, and goes on
/// to receive.
fn show_recording(model: &mut Model, recording: Recording) -> Vec<Effect> {
    let number = model.next_number();
    let connection = Connection::recorded(number, recording, model.max_payload());
    model.connections.push(connection);
    model.room = Room::Live;
    let mut effects = viewing::show(model, number);
    session::forget_oldest(model);
    effects.push(Effect::SetFragment(model.fragment()));
    effects
}
