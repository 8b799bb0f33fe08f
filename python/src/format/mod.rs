//! The format specifications of `format()`, `%` formats, and the fields of `str.format`.
//!
//! What comes in: strings, bytes, numbers and the text of a format. What goes out: text, or the pieces
//! of the format.
//!
//! May use: `failure`, `numbers`, `repr`, `unicode`.

pub(crate) mod fields;
mod padding;
pub(crate) mod percent;
pub(crate) mod spec;
