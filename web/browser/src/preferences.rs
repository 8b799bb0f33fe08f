//! What the user has chosen on an earlier visit, on any page of this origin.

use framescope_page::text::Language;

use crate::window;

/// The key in the browser's storage.
const KEY: &str = "framescope.preferences.v1";

/// The words that were kept. `None` if there are none, or the browser forbids it.
#[must_use]
pub fn recall_preferences() -> Option<String> {
    window().local_storage().ok()??.get_item(KEY).ok()?
}

/// Keeps words for the next visit, if the browser allows it.
pub fn keep_preferences(words: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        // If the storage is full or forbidden, the next visit begins with the defaults.
        let _ = storage.set_item(KEY, words);
    }
}

/// The language of the words that were kept, or else the one that the browser prefers.
#[must_use]
pub fn language(kept: Option<&str>) -> Language {
    let preferred = || window().navigator().language().unwrap_or_default();
    kept.map_or_else(|| Language::from_tag(&preferred()), Language::from_tag)
}
