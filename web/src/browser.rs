//! Wrappers of the browser's interfaces: listeners, timers, WebSockets, the workers, files, and storage.
//!
//! What comes in: calls from `app` and `events`. What goes out: the browser's answers and events, in
//! callbacks. Each listener, timer and WebSocket is owned by a value, and is removed or closed when that
//! value is dropped.
//!
//! May use: nothing.

mod address;
mod class_frame;
mod engine;
mod fetch;
mod file;
mod file_reader;
mod listener;
mod picture_file;
mod resize;
mod simulated_bridge;
mod socket;
mod storage;
mod timer;
mod trace_file;

pub(crate) use address::{fragment, push_fragment, set_fragment};
pub(crate) use class_frame::{Parent, Part, tell_class};
pub(crate) use engine::{Engine, EngineEvent};
pub(crate) use fetch::{fetch_lesson, fetch_relay_info, fetch_text, fetch_texts};
pub(crate) use file::{download, read_program};
pub(crate) use file_reader::FileReader;
pub(crate) use listener::Listener;
pub(crate) use picture_file::download_picture;
pub(crate) use resize::ResizeListener;
pub(crate) use simulated_bridge::SimulatedBridge;
pub(crate) use socket::{Socket, SocketEvent};
pub(crate) use storage::{keep_token, recall, recall_token, remember};
pub(crate) use timer::{Frame, Interval, Timeout};
pub(crate) use trace_file::{translate_program, write_trace};

use wasm_bindgen::JsCast as _;
use web_sys::{Document, Element, HtmlElement, Window};

/// The page's window.
pub(crate) fn window() -> Window {
    web_sys::window().expect("the page runs in a window")
}

/// The page's document.
pub(crate) fn document() -> Document {
    window().document().expect("the window has a document")
}

/// Whether this media query about what the user prefers holds.
pub(crate) fn prefers(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|query| query.matches())
}

/// The page's clock: milliseconds since the page was opened.
pub(crate) fn now() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// The descendant that `selector` finds.
pub(crate) fn child_of(parent: &Element, selector: &str) -> Option<HtmlElement> {
    parent.query_selector(selector).ok()??.dyn_into().ok()
}

/// The element with this id. Panics if `index.html` has no such element of this kind.
pub(crate) fn element<T: wasm_bindgen::JsCast>(id: &str) -> T {
    let found = document().get_element_by_id(id);
    let found = found.unwrap_or_else(|| panic!("index.html has no element #{id}"));
    found.dyn_into().unwrap_or_else(|_| panic!("#{id} is another kind of element"))
}
