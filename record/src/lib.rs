//! What was sent and received over stream offsets.
//!
//! In go the bytes of each `recv()` and `send()`, with their times. Out come a [`Stream`] for each
//! direction, which knows the chunk and the message of every byte, and a [`Record`] of both directions,
//! which can be shown as it stood after any event. A [`Recording`] is the file in which a relay keeps
//! what crossed in one bridge session.
//!
//! This crate does no I/O and reads no clock: time is an argument, in microseconds.
//!
//! May use: `framing`.

mod data;
mod provenance;
mod record;
mod recording;
mod source;
mod stream;

pub use data::{Data, python_repr};
pub use provenance::{Item, ItemKind, Provenance};
pub use record::{Direction, Moment, Record};
pub use recording::{
    Bridge, Crossed, Crossing, MAX_RECORDED_BYTES, MAX_RECORDED_EVENTS, Recording, RecordingError,
    json_tail,
};
pub use source::Source;
pub use stream::{Chunk, KEPT_BYTES, KEPT_CHUNKS, MAX_RECV, Message, Rest, Stream};
