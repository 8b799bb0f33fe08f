//! The page in the browser: the shell around the crate `page`.
//!
//! What comes in: events of the document, of WebSockets and of timers. `events` and `browser` turn them
//! into messages. `app` gives the messages to the page's `update` and carries out the effects. What goes
//! out: the document's elements, which `view` updates before the next frame.
//!
//! May use: `framing`, `record`, `protocol`, `lab`, `page`.

mod app;
mod browser;
mod channels;
mod events;
mod handle;
mod view;

pub use app::{Page, start};
