//! The page's texts, and bytes as text.
//!
//! What comes in: keys, values and bytes. What goes out: texts in the user's language.
//!
//! May use: nothing.

pub mod bidi;
pub mod bytes;
pub mod fit;
mod locale;
pub mod source;
mod texts;

pub use bytes::Notation;
pub use locale::{Language, Locale, declared};
pub use texts::Texts;
