//! `%` formats of `str` and `bytes`.
//!
//! What comes in: a format, and then argument after argument. What goes out: the pieces of the format, and
//! the text of each argument. In bytes, each byte is the character with its code.
//!
//! May use: `failure`, `numbers`, `repr`.

pub(crate) mod conversion;
pub(crate) mod layout;
pub(crate) mod pieces;

#[cfg(test)]
mod tests;
