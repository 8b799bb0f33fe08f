//! The text of strings, bytes and floats: `repr`, `ascii`, and floats with a fixed number of digits.
//!
//! What comes in: `&str`, `&[u8]`, `f64`. What goes out: text.
//!
//! May use: `unicode`.

pub(crate) mod float;
pub(crate) mod text;
