//! The browser's own things: listeners, timers, WebSockets, files, storage. Each is owned by a value that
//! lets go of it when dropped.
//!
//! May use: nothing.

mod fetch;
mod file;
mod listener;
mod resize;
mod socket;
mod storage;
mod timer;
mod trace_file;

pub(crate) use fetch::{fetch_relay_info, fetch_text};
pub(crate) use file::{download, read_chosen};
pub(crate) use listener::Listener;
pub(crate) use resize::ResizeListener;
pub(crate) use socket::{Socket, SocketEvent};
pub(crate) use storage::{recall, remember};
pub(crate) use timer::{Frame, Interval, Timeout};
pub(crate) use trace_file::{read_saved_file, write_trace};

use wasm_bindgen::JsCast as _;
use web_sys::{Document, Window};

/// The window that the page lives in.
pub(crate) fn window() -> Window {
    web_sys::window().expect("the page runs in a window")
}

/// The page's document.
pub(crate) fn document() -> Document {
    window().document().expect("the window has a document")
}

/// The page's clock: milliseconds since it was opened.
pub(crate) fn now() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// The element with that id. The markup is ours and is read by a test, so that it is there.
pub(crate) fn element<T: wasm_bindgen::JsCast>(id: &str) -> T {
    let found = document().get_element_by_id(id);
    let found = found.unwrap_or_else(|| panic!("index.html has no element #{id}"));
    found.dyn_into().unwrap_or_else(|_| panic!("#{id} is another kind of element"))
}
