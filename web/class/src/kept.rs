//! What is kept for a reload of the page, and what the browser prefers.

use framescope_browser::window;
use framescope_class_page::effect::Kept;
use framescope_page::text::Language;
use web_sys::Storage;

/// The names in the storages. The language is that of the other page.
const PARTICIPANT: &str = "framescope.participant";
const KEY: &str = "framescope.class-key";
const PREFERENCES: &str = "framescope.preferences.v1";

/// A participant is kept by the browser, and a key by the tab.
fn storage(kept: Kept) -> Option<(Storage, &'static str)> {
    match kept {
        Kept::Participant => Some((window().local_storage().ok()??, PARTICIPANT)),
        Kept::Key => Some((window().session_storage().ok()??, KEY)),
    }
}

/// Keeps a text, if the browser allows it.
pub(crate) fn keep(kept: Kept, text: &str) {
    if let Some((storage, name)) = storage(kept) {
        // If the storage is full or forbidden, the page is somebody new after a reload.
        let _ = storage.set_item(name, text);
    }
}

/// What was kept.
pub(crate) fn recall(kept: Kept) -> Option<String> {
    let (storage, name) = storage(kept)?;
    storage.get_item(name).ok()?
}

/// The language of the last visit, or the one that the browser prefers.
pub(crate) fn language() -> Language {
    let storage = window().local_storage().ok().flatten();
    let stored = storage.and_then(|storage| storage.get_item(PREFERENCES).ok()?);
    let tag = stored.or_else(|| window().navigator().language());
    Language::from_tag(&tag.unwrap_or_default())
}
