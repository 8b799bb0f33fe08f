//! The page without the browser.
//!
//! What comes in: messages, such as a click or bytes of a WebSocket. What goes out: effects, and what to show.
//!
//! Data goes one way. An event becomes a [`msg::Msg`]. [`update()`] changes the [`state::State`] and
//! returns [`effect::Effect`]s, which the shell (the crate `web`) carries out. [`screen`] says what to
//! show. No part of this crate knows the browser, so all of it is tested natively.
//!
//! May use: `framing`, `record`, `protocol`, `lab`, `syscall`.

pub mod effect;
pub mod msg;
pub mod screen;
pub mod state;
pub mod text;
mod update;

pub use update::update;
