//! The text for what could not be done.

use framescope_lab::{MAX_TEXT, OutOfBounds};

use crate::state::{Problem, State};

/// What could not be done, in a sentence. `None` if there is nothing to say.
#[must_use]
pub fn problem_text(state: &State) -> Option<String> {
    let locale = &state.locale;
    Some(match state.problem.as_ref()? {
        Problem::NoTexts => locale.text("texts-missing").to_owned(),
        Problem::NoLesson(name) => locale.fill("no-lesson", &[("name", name)]),
        Problem::Programs(OutOfBounds::Text(_)) => {
            locale.fill("program-too-long", &[("limit", &(MAX_TEXT / 1024))])
        }
        Problem::Programs(problem) => problem.to_string(),
        Problem::Encoding(encoding) => locale.fill("program-unreadable", &[("encoding", encoding)]),
        Problem::Unreadable => locale.text("file-unreadable").to_owned(),
        Problem::File(problem) => problem.clone(),
    })
}
