//! The picture of a run: program, kernel, wire, kernel, program, and time downwards.
//!
//! What comes in: the state. What goes out: a [`Picture`], which is shapes at places. It depends on the trace, the
//! moment on screen and the size alone, so a step back shows what was there before.
//!
//! May use: `screen`, `state`, `text`.

mod arrows;
mod buffers;
mod bytes;
mod calls;
mod columns;
mod folding;
mod history;
mod measures;
mod now;
mod past;
mod resent;
mod rows;
mod scene;
mod sketch;
mod times;
mod tube;

#[cfg(test)]
mod tests;

pub use columns::{Columns, Side};
pub use sketch::Held;

use std::ops::Range;

use framescope_record::Provenance;

use self::history::History;
use self::measures::{HEAD, MIN_HISTORY, NOW, REST};
use self::sketch::Sketch;
use super::drawing::{Drawing, Point};
use crate::state::{Canvas, State};

/// The drawing of a run, and what can be pressed on it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// The drawing.
    pub drawing: Drawing,
    /// The first segment that the wire holds. It has buttons; those of others would cover the picture, and the list below has
    /// the buttons of each.
    pub held: Option<Held>,
    /// How many steps of the run are folded, and where that is said. `None` if none is, and the user has unfolded none.
    pub fold: Option<(usize, Point)>,
}

/// Draws the run at the moment on screen. If the picture would be higher than the canvas, folds its oldest phases, unless
/// the user has unfolded them.
#[must_use]
pub fn draw(state: &State, canvas: Canvas) -> Picture {
    let folds = !state.lab.is_unfolded;
    draw_within(state, canvas.width, canvas.height, folds, state.highlight())
}

/// The heights of a drawing between which it is shown: what is in view of a frame of this height, and half as much above
/// and below it. `top` is where the view begins. `None`: at the end of the drawing is the end of the view.
#[must_use]
pub fn in_view(height: f32, frame: f32, top: Option<f32>) -> Range<f32> {
    let top = top.unwrap_or(height - frame);
    top - 0.5 * frame..top + 1.5 * frame
}

/// Draws the whole run up to the moment on screen, as high as it is. Nothing in it is lit.
#[must_use]
pub fn draw_whole(state: &State, width: f32) -> Drawing {
    draw_within(state, width, 0.0, false, None).drawing
}

/// Draws a picture that is at least so high, and if it folds, not much higher.
fn draw_within(
    state: &State,
    width: f32,
    height: f32,
    folds: bool,
    highlight: Option<Provenance>,
) -> Picture {
    let columns = Columns::new(width);
    let number = state.lab.events(state.event()).len();
    let flow = state.lab.flow().map(|(_, flow)| flow);
    let connection =
        flow.and_then(|flow| state.lab.shown_timeline().connections().get(flow.connection));
    let first = flow.map_or(0, |flow| 2 * flow.connection);
    let flows = state.lab.shown_timeline().flows().get(first..first + 2).unwrap_or_default();
    let (drawing, held) = (Drawing { width, ..Drawing::default() }, None);
    let mut sketch = Sketch { state, number, columns, flow, flows, highlight, drawing, held };
    let rests = now::rests(&sketch);
    let below = if rests { REST } else { NOW };
    let available = (height - below - HEAD).max(MIN_HISTORY);
    let history = History::new(&sketch, connection, folds.then_some(available));
    let now = HEAD + history.height().max(available);
    history.draw(&mut sketch, now);
    now::draw(&mut sketch, connection, now, &history.last_buffers(), rests);
    Picture {
        drawing: Drawing { height: now + below, ..sketch.drawing },
        held: sketch.held,
        fold: history.fold(columns.wire),
    }
}
