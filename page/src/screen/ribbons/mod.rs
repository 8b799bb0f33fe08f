//! The picture of a connection: what was sent, one stream, what each `recv()` returned, and the messages in it, joined by
//! ribbons.
//!
//! What comes in: the state. What goes out: a [`Drawing`]. It depends on the record, the moment on screen, the size and
//! what is highlighted alone. If there is more than fits, the oldest is left out.
//!
//! May use: `screen`, `state`, `text`.

mod bands;
mod chunks;
mod columns;
mod echo;
mod headings;
mod heights;
mod messages;
mod pane;
mod scene;
mod sends;
mod stream;

#[cfg(test)]
mod tests;

use self::columns::Columns;
use self::heights::Heights;
use self::pane::Pane;
use self::scene::Scene;
use super::drawing::{About, Anchor, Drawing, Point, Style};
use crate::state::{Canvas, State};

/// Draws the connection on screen at the moment on screen.
#[must_use]
pub fn draw(state: &State, canvas: Canvas) -> Drawing {
    let height = canvas.height.max(heights::LEAST);
    let drawing = Drawing { width: canvas.width, height, ..Drawing::default() };
    let Some(record) = state.connection().map(|connection| &connection.record) else {
        return drawing;
    };
    let moment = state.moment();
    let rows = heights::rows(height);
    let scene = Scene::new(record, &moment, rows, heights::most_chunks(height));
    let heights = Heights::new(&scene, height);
    let columns = Columns::new(canvas.width, heights.has_rows());
    let lit = scene.lit(state.highlight().as_ref());
    let mut pane = Pane { state, scene, heights, columns, lit, drawing };
    headings::draw(&mut pane);
    if pane.scene.is_empty() {
        let at = Point::new(canvas.width / 2.0, height / 2.0);
        let text = state.locale.text("chunks-empty");
        pane.drawing.text(at, Anchor::Middle, text, Style::Quiet, About::default());
        return pane.drawing;
    }
    bands::draw(&mut pane);
    sends::draw(&mut pane);
    stream::draw(&mut pane);
    chunks::draw(&mut pane);
    messages::draw(&mut pane);
    pane.drawing
}
