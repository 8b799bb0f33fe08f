//! Wrappers of the browser's interfaces that every page has: listeners, timers, WebSockets, requests, the address, and
//! elements; and what a class and the lab in its frame say to each other.
//!
//! What comes in: calls of a page's shell. What goes out: the browser's answers and events, in callbacks. Each listener, timer
//! and WebSocket is owned by a value, and is removed or closed when that value is dropped.
//!
//! May use: `page`, `protocol`, `record`.

mod address;
pub mod dom;
mod download;
mod fetch;
mod lab_frame;
mod listener;
mod preferences;
mod socket;
mod timer;

use wasm_bindgen::JsCast as _;
use web_sys::{Document, Element, HtmlElement, Window};

pub use address::{fragment, push_fragment, set_fragment};
pub use download::download;
pub use fetch::{fetch_file_of_texts, fetch_lesson, fetch_relay_info, fetch_text, fetch_texts};
pub use lab_frame::{FrameMessage, frame_name};
pub use listener::Listener;
pub use preferences::{keep_preferences, language, recall_preferences};
pub use socket::{MAX_BUFFERED, Socket, SocketEvent};
pub use timer::{Frame, Interval, Timeout};

/// The page's window.
///
/// # Panics
///
/// If there is none, as in a worker.
#[must_use]
pub fn window() -> Window {
    web_sys::window().expect("the page runs in a window")
}

/// The page's document.
///
/// # Panics
///
/// If there is none, as in a worker.
#[must_use]
pub fn document() -> Document {
    window().document().expect("the window has a document")
}

/// Whether this media query about what the user prefers holds.
#[must_use]
pub fn prefers(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|query| query.matches())
}

/// The page's clock: milliseconds since the page was opened.
#[must_use]
pub fn now() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// The descendant that `selector` finds.
#[must_use]
pub fn child_of(parent: &Element, selector: &str) -> Option<HtmlElement> {
    parent.query_selector(selector).ok()??.dyn_into().ok()
}

/// The element with this id.
///
/// # Panics
///
/// If the document has no such element of this kind.
#[must_use]
pub fn element<T: wasm_bindgen::JsCast>(id: &str) -> T {
    found(id).dyn_into().expect("the element is of this kind")
}

/// Every kind of element shares this code.
fn found(id: &str) -> Element {
    let found = document().get_element_by_id(id);
    found.unwrap_or_else(|| panic!("the document has no element #{id}"))
}
