//! The picture of a connection.

use framescope_page::screen::ribbons::draw;
use framescope_page::state::State;

use super::drawing::DrawingView;

pub(super) struct Ribbons {
    drawing: DrawingView,
}

impl Ribbons {
    pub(super) fn new() -> Self {
        Self { drawing: DrawingView::new("ribbons-svg", "ribbons-shapes") }
    }

    /// Shows the picture, unless the lists stand in its place.
    pub(super) fn render(&mut self, state: &State) {
        if !state.has_lists() {
            let canvas = state.ribbons_canvas();
            self.drawing.render(&draw(state, canvas), canvas.unit);
        }
    }
}
