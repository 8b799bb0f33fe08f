//! The page of a class in the browser: the shell around the crate `class-page`.
//!
//! What comes in: events of the document, of the WebSocket, and of the frame with the lab. What goes out: the document's
//! elements, messages, and what the frame is told.
//!
//! May use: `browser`, `challenge`, `class`, `class-page`, `page`.

/// Smaller than the standard one, and every byte is downloaded by a whole class.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

mod app;
mod events;
mod frame;
mod kept;
mod reorder;
mod view;

pub use app::{Page, start};
