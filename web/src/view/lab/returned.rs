//! The values that the receiver's calls returned.

use framescope_lab::Value;
use framescope_page::screen::lists;
use framescope_page::screen::wording::value_text;
use framescope_page::state::{List, State};
use web_sys::{Element, HtmlElement};

use crate::view::dom::{child, set_attribute, set_text};
use crate::view::list::{Scroller, place_row};
use crate::view::pool::{Pool, Pooled};

/// The number of bytes of a value that its row shows.
const PREVIEW: usize = 200;

pub(super) struct Returned {
    scroller: Scroller,
    rows: Pool<RowElements>,
}

struct RowElements {
    root: HtmlElement,
    number: Element,
    content: Element,
}

impl Pooled for RowElements {
    fn new(root: HtmlElement) -> Self {
        let part = |selector: &str| child(&root, selector).into();
        Self { number: part(".number"), content: part(".content"), root }
    }

    fn root(&self) -> &HtmlElement {
        &self.root
    }
}

impl Returned {
    pub(super) fn new() -> Self {
        let scroller = Scroller::new("returned");
        Self { rows: Pool::new(scroller.rows().clone().into(), "returned-template"), scroller }
    }

    pub(super) fn render(&mut self, state: &State) {
        let values = state.lab.returned(state.event());
        let count = lists::rows(state, List::Returned);
        let visible = self.scroller.scroll(state, state.returned_list, count);
        self.rows.begin();
        for index in visible {
            let Some(value) = values.get(index) else { continue };
            let shown = self.rows.next();
            place_row(&shown.root, index, state);
            set_text(&shown.number, &format!("#{}", index + 1));
            let text = value_text(&state.locale, value, PREVIEW).unwrap_or_default();
            set_text(&shown.content, &text);
            let kind = match value {
                Value::Error(_) => Some("error"),
                Value::EndOfStream => Some("end"),
                Value::Bytes(data) if data.0.is_empty() => Some("end"),
                Value::Nothing | Value::Bytes(_) | Value::Message(_) => None,
            };
            set_attribute(&shown.root, "data-kind", kind);
        }
        self.rows.end();
    }
}
