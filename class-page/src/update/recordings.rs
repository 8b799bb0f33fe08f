//! The recordings of a case that a program has failed.

use framescope_class::Recordings;
use framescope_lab::{FileReport, SavedFile};

use crate::effect::{Effect, Recorded};
use crate::screen;
use crate::state::{Role, State};

/// The recordings that were asked for have come. If there are none any more, there is nothing to show.
pub(super) fn came(state: &mut State, recordings: Option<Box<Recordings>>) {
    match &mut state.role {
        Role::Student(student) => {
            student.no_recordings =
                screen::case_on_screen(student).filter(|_| recordings.is_none());
            student.recordings = recordings;
        }
        Role::Console(console) => {
            console.recordings = console.recordings_of.take().zip(recordings);
        }
        Role::Projector(_) => {}
    }
}

pub(super) fn close(state: &mut State) -> Vec<Effect> {
    match &mut state.role {
        Role::Student(student) => student.recordings = None,
        Role::Console(console) => console.recordings = None,
        Role::Projector(_) => {}
    }
    Vec::new()
}

/// The frame of a recording is ready to show it.
pub(super) fn tell(state: &State, which: Recorded) -> Option<Effect> {
    let shown = match &state.role {
        Role::Student(student) => student.recordings.as_deref(),
        Role::Console(console) => console.recordings.as_ref().map(|(_, recordings)| &**recordings),
        Role::Projector(_) => None,
    };
    let Recordings { case, failed, right, .. } = shown?;
    let mut recording = match which {
        Recorded::Failed => failed,
        Recorded::Right => right,
    }
    .clone();
    screen::case_name(state, *case).clone_into(&mut recording.bridge.target);
    let events = recording.events.len();
    let head = FileReport::Head(Box::new(SavedFile::Recording(recording)), events);
    Some(Effect::TellRecorded(which, head.encode()))
}
