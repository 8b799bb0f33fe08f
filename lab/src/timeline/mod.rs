//! What a trace shows at each of its moments.
//!
//! What comes in: the events of a trace. What goes out: lanes over stream offsets ([`Timeline`]), the
//! position of each program ([`program_position`]), the side of the next step ([`next_side`]), what calls
//! returned ([`returned()`]), and the rungs of the ladder diagram ([`rung`]).
//!
//! May use: `experiment`, `trace`.

mod flow;
mod ladder;
mod position;
mod returned;

pub use flow::{Flow, Timeline};
pub use ladder::{Rung, RungCrossing, RungKind, has_rung, rung};
pub use position::{CallState, ProgramPosition, next_side, program_position};
pub use returned::returned;
