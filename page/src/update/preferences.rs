//! Updates of what is saved for the next visit: the language and the preferences.

use super::viewing;
use crate::effect::Effect;
use crate::state::{Problem, State, Theme};
use crate::text::{Language, Locale, Notation, Texts};

pub(super) fn toggle_language(state: &State) -> Vec<Effect> {
    vec![Effect::FetchTexts(state.locale.language.other())]
}

/// The page's texts in a language have arrived, or could not be fetched.
pub(super) fn texts_arrived(
    state: &mut State,
    language: Language,
    texts: Option<Texts>,
) -> Vec<Effect> {
    let Some(texts) = texts else {
        state.problem = Some(Problem::NoTexts);
        return Vec::new();
    };
    state.locale = Locale::new(language, texts);
    vec![Effect::Remember]
}

pub(super) fn toggle_theme(state: &mut State) -> Vec<Effect> {
    state.preferences.theme = match state.preferences.theme {
        Theme::Light => Theme::Dark,
        Theme::Dark => Theme::Light,
    };
    vec![Effect::Remember]
}

pub(super) fn toggle_projector(state: &mut State) -> Vec<Effect> {
    state.preferences.projector = !state.preferences.projector;
    state.zoom = None;
    viewing::keep_in_view(state);
    vec![Effect::Remember]
}

pub(super) fn toggle_notation(state: &mut State) -> Vec<Effect> {
    state.preferences.notation = match state.preferences.notation {
        Notation::Python => Notation::Hex,
        Notation::Hex => Notation::Python,
    };
    vec![Effect::Remember]
}

pub(super) fn toggle_shortcuts(state: &mut State) -> Vec<Effect> {
    state.preferences.shortcuts = !state.preferences.shortcuts;
    vec![Effect::Remember]
}
