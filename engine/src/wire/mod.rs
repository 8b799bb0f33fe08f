//! The wire: what becomes of each segment between its sender and its receiver.
//!
//! What comes in: segments as they are sent, the commands of a person, the rules of an experiment, and the time. What
//! goes out: each segment as it stands in a trace, what has become of it, and the segments to deliver.
//!
//! The real kernel's segments and the simulated kernel's cross the same wire.
//!
//! May use: nothing.

mod connections;
mod crossing;
mod header;
mod rules;
mod schedule;

pub use crossing::{Crossed, MAX_ON_WIRE, MAX_ON_WIRE_BYTES, Wire};
pub use header::Header;
