//! The page's texts, and bytes as a person reads them.
//!
//! In go keys, values and bytes; out come texts in the viewer's language.
//!
//! May use: nothing.

pub mod bytes;
mod locale;

pub use bytes::Notation;
pub use locale::{Language, Locale, declared};
