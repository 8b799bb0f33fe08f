//! What a trace shows at any of its moments.
//!
//! In go the events of a trace. Out come lanes over stream offsets ([`Timeline`]), where each program
//! stands ([`standing`]), whose call is next ([`next_side`]), and what calls returned ([`returned`]).
//!
//! May use: `experiment`, `trace`.

mod flow;
mod ladder;
mod position;
mod returned;

pub use flow::{Flow, Timeline};
pub use ladder::{Rung, RungCrossing, RungKind, has_rung, rung};
pub use position::{CallState, ProgramPosition, next_side, standing};
pub use returned::returned;
