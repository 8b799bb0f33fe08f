//! Arithmetic and conversions of Python's int and float.
//!
//! What comes in: `i64`, `BigInt`, `f64`, and the text of a number. What goes out: numbers and decimal
//! text, or the exception that CPython raises.
//!
//! May use: `failure`, `repr`, `unicode`.

pub(crate) mod float;
pub(crate) mod integer;
mod nearest_power;
pub(crate) mod parse;
pub(crate) mod power;
mod rounding;
