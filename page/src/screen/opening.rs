//! How far a file is that is being opened.

use crate::state::{Opening, State};

/// How far a file is that is being opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What happens, in a few words.
    pub text: String,
    /// How many events have arrived, and how many there are. `None` as long as that is not known.
    pub share: Option<(usize, usize)>,
}

/// The progress of the file that is being opened. `None` if there is none.
#[must_use]
pub fn progress(state: &State) -> Option<Progress> {
    let locale = &state.locale;
    match &state.opening {
        Opening::Nothing => None,
        Opening::Reading { name } => {
            Some(Progress { text: locale.fill("opening-reading", &[("name", name)]), share: None })
        }
        Opening::Arriving { name, file } => Some(Progress {
            text: locale.fill("opening-arriving", &[("name", name)]),
            share: Some(file.progress()),
        }),
    }
}
