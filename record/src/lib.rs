//! What a connection sent and received, by stream offset.
//!
//! What comes in: the bytes of each `recv()` and `send()`, with their times. What goes out: a [`Stream`]
//! for each direction, which finds the chunk and the message of every byte; and a [`Record`] of both
//! directions, which gives their state after any event. A [`Recording`] is the file of one bridge
//! session: the relay writes it, and the page opens it.
//!
//! This crate does no I/O and reads no clock: time is an argument, in microseconds.
//!
//! May use: `framing`.

mod chunk;
mod data;
mod message;
mod provenance;
mod record;
mod recording;
mod source;
mod stream;

pub use chunk::{Chunk, MAX_RECV};
pub use data::{Data, python_repr};
pub use message::{Message, Rest};
pub use provenance::{Item, ItemKind, Provenance};
pub use record::{Direction, Moment, Record};
pub use recording::{
    Bridge, Crossed, Crossing, MAX_RECORDED_BYTES, MAX_RECORDED_EVENTS, Recording, RecordingError,
    json_tail,
};
pub use source::Source;
pub use stream::{KEPT_BYTES, KEPT_CHUNKS, Stream};
