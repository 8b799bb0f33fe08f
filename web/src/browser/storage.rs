//! Saves the language and the preferences for the next visit.

use framescope_browser::{keep_preferences, language, recall_preferences};
use framescope_page::state::{Preferences, State, Theme};
use framescope_page::text::{Language, Notation};

use super::{prefers, window};

/// The key of the token in the storage of the tab, which no other tab reads and which ends with the tab.
const TOKEN: &str = "framescope.token";

/// Keeps the token for a reload of this tab, if the browser allows it.
pub(crate) fn keep_token(token: &str) {
    if let Ok(Some(storage)) = window().session_storage() {
        // If the storage is full or forbidden, the token is needed again after a reload.
        let _ = storage.set_item(TOKEN, token);
    }
}

/// The token that this tab was given.
pub(crate) fn recall_token() -> Option<String> {
    window().session_storage().ok()??.get_item(TOKEN).ok()?
}

/// Saves the language and the preferences, if the browser allows it.
pub(crate) fn remember(state: &State) {
    let Preferences { theme, projector, notation, shortcuts } = state.preferences;
    let words = [
        state.locale.language.tag(),
        if theme == Theme::Dark { "dark" } else { "light" },
        if projector { "projector" } else { "desk" },
        if notation == Notation::Hex { "hex" } else { "python" },
        if shortcuts { "keys" } else { "no-keys" },
    ];
    keep_preferences(&words.join(" "));
}

/// The language and the preferences of the last visit, or those that the browser prefers.
pub(crate) fn recall() -> (Language, Preferences) {
    let stored = recall_preferences();
    let language = language(stored.as_deref());
    if let Some(stored) = stored {
        let has = |word: &str| stored.split(' ').any(|stored| stored == word);
        let preferences = Preferences {
            theme: if has("dark") { Theme::Dark } else { Theme::Light },
            projector: has("projector"),
            notation: if has("hex") { Notation::Hex } else { Notation::Python },
            shortcuts: !has("no-keys"),
        };
        return (language, preferences);
    }
    let prefers_dark = prefers("(prefers-color-scheme: dark)");
    let preferences = Preferences {
        theme: if prefers_dark { Theme::Dark } else { Theme::Light },
        projector: false,
        notation: Notation::Python,
        shortcuts: true,
    };
    (language, preferences)
}
