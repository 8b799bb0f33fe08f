//! The methods of `bytes` and `bytearray`.
//!
//! What comes in: `&[u8]`, and indexes. What goes out: bytes, parts of the bytes, or the exception that
//! CPython raises.
//!
//! May use: `failure`, `sequence`.

pub(crate) mod ascii;
pub(crate) mod find;
pub(crate) mod hex;
pub(crate) mod layout;
pub(crate) mod split;
