//! The page's logic, compiled to WebAssembly.
//!
//! Data travels one way: an event becomes a [`msg::Msg`], `update` changes the [`model::Model`] and
//! returns [`msg::Effect`]s, `app` carries those out, and `view` shows the model before the browser
//! next paints. Only `app`, `browser`, `events` and `view` know that there is a browser; the rest is
//! tested natively.

mod app;
mod browser;
mod events;
mod handle;
mod view;

pub mod bytes;
pub mod connection;
pub mod lab;
pub mod ladder;
pub mod lanes;
pub mod link;
pub mod lists;
pub mod locale;
pub mod model;
pub mod msg;
pub mod provenance;
pub mod update;
pub mod wording;

pub use app::{Page, start};
