//! What the methods of `str` and `bytes` share: bounds, slices, searching and splitting.
//!
//! What comes in: bytes, which are UTF-8 for `str`, and indexes. What goes out: ranges of bytes.
//!
//! May use: `failure`.

pub(crate) mod bounds;
pub(crate) mod join;
pub(crate) mod padding;
pub(crate) mod search;
