//! The picture of a run: program, kernel, wire, kernel, program, and time downwards.
//!
//! What comes in: the state. What goes out: a [`Picture`], which is shapes at places. It depends on the trace, the
//! moment on screen and the size alone, so a step back shows what was there before.
//!
//! May use: `state`, `text`, `screen`.

mod arrows;
mod buffers;
mod bytes;
mod calls;
mod columns;
mod history;
mod measures;
mod now;
mod rows;
mod scene;
mod shape;
mod sketch;
mod svg;
mod tube;

#[cfg(test)]
mod tests;

pub use columns::{Columns, Side, Span};
pub use shape::{About, Anchor, Figure, Fill, Held, Picture, Point, Shape, Style};
pub use svg::{decimal, svg};

use self::history::History;
use self::measures::{HEAD, NOW};
use self::sketch::Sketch;
use crate::state::{Canvas, State};

/// Draws the run at the moment on screen. If the picture would be higher than the canvas, folds its oldest phases, unless
/// the user has unfolded them.
#[must_use]
pub fn draw(state: &State, canvas: Canvas) -> Picture {
    let columns = Columns::new(canvas.width);
    let number = state.lab.events(state.event()).len();
    let flow = state.lab.flow().map(|(_, flow)| flow);
    let connection = flow.and_then(|flow| state.lab.timeline.connections().get(flow.connection));
    let mut sketch = Sketch { state, number, columns, flow, shapes: Vec::new(), held: Vec::new() };
    let available = (canvas.height - NOW - HEAD).max(60.0);
    let history = History::new(&sketch, connection, available);
    let now = HEAD + history.height().max(available);
    history.draw(&mut sketch, now);
    now::draw(&mut sketch, connection, now, history.buffers().last());
    Picture {
        width: canvas.width,
        height: now + NOW,
        fold: history.fold(columns.wire),
        shapes: sketch.shapes,
        held: sketch.held,
    }
}
