//! What is kept for a reload of the page.

use framescope_browser::window;
use framescope_class_page::effect::Kept;
use web_sys::Storage;

/// The names in the storages.
const PARTICIPANT: &str = "framescope.participant";
const KEY: &str = "framescope.class-key";

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
