//! Wrappers of the browser's interfaces: listeners, timers, WebSockets, the workers, files, and storage.
//!
//! What comes in: calls from `app` and `events`. What goes out: the browser's answers and events, in
//! callbacks. Each listener, timer and WebSocket is owned by a value, and is removed or closed when that
//! value is dropped.
//!
//! May use: nothing.

mod class_frame;
mod engine;
mod file;
mod file_reader;
mod picture_file;
mod resize;
mod simulated_bridge;
mod storage;
mod trace_file;

pub(crate) use class_frame::{follow_class, part_of_page, tell_class};
pub(crate) use engine::{Engine, EngineEvent};
pub(crate) use file::read_program;
pub(crate) use file_reader::FileReader;
pub(crate) use framescope_browser::{
    Frame, Interval, Listener, MAX_BUFFERED, Socket, SocketEvent, Timeout, child_of, document,
    download, element, fetch_lesson, fetch_relay_info, fetch_text, fetch_texts, fragment, now,
    prefers, push_fragment, set_fragment, window,
};
pub(crate) use picture_file::download_picture;
pub(crate) use resize::ResizeListener;
pub(crate) use simulated_bridge::SimulatedBridge;
pub(crate) use storage::{keep_token, recall, recall_token, remember};
pub(crate) use trace_file::{translate_program, write_trace};
