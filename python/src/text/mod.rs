//! The methods of `str`.
//!
//! What comes in: `&str`, and indexes in characters. What goes out: text, parts of the text, or the
//! exception that CPython raises.
//!
//! May use: `failure`, `sequence`, `unicode`.

pub(crate) mod case;
pub(crate) mod find;
pub(crate) mod index;
pub(crate) mod layout;
pub(crate) mod predicate;
pub(crate) mod split;

#[cfg(test)]
mod tests;
