//! The fragment of the page's address, and the history.

use wasm_bindgen::JsValue;

use crate::window;

/// The fragment of the address, with its `#`. Empty if there is none.
#[must_use]
pub fn fragment() -> String {
    window().location().hash().unwrap_or_default()
}

/// Changes the fragment of the address without a new entry in the history and without a reload.
pub fn set_fragment(fragment: &str) {
    if let Ok(history) = window().history() {
        // A page that was opened from a file may not do this. Then the address does not change.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address(fragment)));
    }
}

/// Changes the fragment of the address, in a new entry of the history.
pub fn push_fragment(fragment: &str) {
    if let Ok(history) = window().history() {
        // As above.
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&address(fragment)));
    }
}

fn address(fragment: &str) -> String {
    let location = window().location();
    let path = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
    if fragment.is_empty() { path } else { format!("{path}#{fragment}") }
}
