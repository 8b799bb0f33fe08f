//! The page in its browser: the shell around `page`.
//!
//! In come events of the document, WebSockets and timers, which `events` and `browser` turn into
//! messages. `app` hands them to the page's `update` and carries out the effects, and `view` shows the
//! state before the browser next paints.
//!
//! May use: `framing`, `record`, `protocol`, `lab`, `page`.

mod app;
mod browser;
mod events;
mod handle;
mod view;

pub use app::{Page, start};
