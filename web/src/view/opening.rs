//! The progress of a file that is being opened.

use framescope_page::screen::opening::progress;
use framescope_page::state::State;
use web_sys::{Element, HtmlElement};

use super::dom::{set_attribute, set_text};
use crate::browser::element;

pub(super) struct Opening {
    root: HtmlElement,
    text: Element,
    bar: Element,
}

impl Opening {
    pub(super) fn new() -> Self {
        Self {
            root: element("opening"),
            text: element("opening-text"),
            bar: element("opening-progress"),
        }
    }

    pub(super) fn render(&self, state: &State) {
        let progress = progress(state);
        self.root.set_hidden(progress.is_none());
        let Some(progress) = progress else { return };
        set_text(&self.text, &progress.text);
        let share = progress.share.map(|(arrived, all)| (arrived.to_string(), all.to_string()));
        let (value, max) = share.unzip();
        // Without a value the bar says that it is not known how long it takes.
        set_attribute(&self.bar, "value", value.as_deref());
        set_attribute(&self.bar, "max", max.as_deref());
    }
}
