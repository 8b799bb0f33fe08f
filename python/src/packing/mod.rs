//! Python's `struct`: values to bytes and back.
//!
//! What comes in: a format, and values or bytes. What goes out: bytes or values, or the exception that
//! CPython raises.
//!
//! May use: `failure`, `numbers`.

pub(crate) mod buffer;
pub(crate) mod format;
pub(crate) mod pack;
pub(crate) mod unpack;

#[cfg(test)]
mod tests;
