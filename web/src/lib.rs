//! The page in the browser: the shell around the crate `page`.
//!
//! What comes in: events of the document, of WebSockets and of timers. `events` and `browser` turn them
//! into messages. `app` gives the messages to the page's `update` and carries out the effects. What goes
//! out: the document's elements, which `view` updates before the next frame.
//!
//! May use: `browser`, `framing`, `record`, `protocol`, `lab`, `page`.

/// Smaller than the standard one, and every byte is downloaded by a whole class.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

mod app;
mod browser;
mod channels;
mod events;
mod handle;
mod view;

pub use app::{Page, start};
