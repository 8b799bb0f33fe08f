//! The handles of the cuts, over the chunks.

use framescope_page::screen::cuts::{Cut, cuts};
use framescope_page::state::{State, Tab};
use framescope_record::Direction;
use web_sys::HtmlElement;

use super::dom::{child, set_attribute, set_length};
use super::pool::Pool;
use crate::browser::element;

pub(super) struct Cuts {
    handles: Pool<HtmlElement>,
}

impl Cuts {
    /// The lanes have been made.
    pub(super) fn new() -> Self {
        let lane = child(&element("received-lanes"), ".chunk-lane");
        Self { handles: Pool::new(lane.into(), "cut-template") }
    }

    pub(super) fn render(&mut self, state: &State) {
        self.handles.begin();
        let (first, width) = (state.viewport(Direction::Received).first, state.cell_width());
        let shown = if state.tab == Tab::Lab { cuts(state) } else { Vec::new() };
        for Cut { from, at } in shown {
            let handle = self.handles.next();
            let left = at.saturating_sub(first).saturating_mul(width.into());
            set_length(handle, "left", &format!("{left}px"));
            set_attribute(handle, "data-cut-from", Some(&from.to_string()));
        }
        self.handles.end();
    }
}
