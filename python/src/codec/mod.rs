//! `str.encode` and `bytes.decode`.
//!
//! What comes in: text or bytes, the name of an encoding, and the name of an error handler. What goes
//! out: bytes or text, or the exception that CPython raises.
//!
//! May use: `failure`, `repr`.

pub(crate) mod decoding;
pub(crate) mod encoding;
pub(crate) mod error;
mod gbk;
pub(crate) mod names;
