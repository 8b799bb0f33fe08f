//! The page without its browser.
//!
//! Data travels one way: an event becomes a [`msg::Msg`], [`update()`] changes the [`state::State`] and
//! returns [`effect::Effect`]s, which a shell carries out, and [`screen`] says what is on screen. No part of
//! it knows that there is a browser, so that all of it is tested natively.
//!
//! May use: `framing`, `record`, `protocol`, `lab`, `engine`.

pub mod effect;
pub mod msg;
pub mod screen;
pub mod state;
pub mod text;
mod update;

pub use update::update;
