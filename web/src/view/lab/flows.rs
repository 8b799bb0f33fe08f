//! The choice of the flow that the lanes show, and of its reader.

use framescope_lab::Reader;
use framescope_page::screen::wording::name_or_unknown;
use framescope_page::state::{State, parse_reader_size};
use web_sys::{Element, HtmlElement, HtmlInputElement, HtmlSelectElement};

use crate::browser::{document, element};
use crate::view::controls::{add_option, set_pressed};
use crate::view::dom::{choose, set_attribute, set_disabled, set_hidden, set_text, set_value};
use crate::view::pool::Pool;

/// The most flows of which one can be chosen. A run has a few.
const MAX_FLOWS: usize = 64;

/// The values of the options.
const READERS: [&str; 4] = ["recorded", "recv", "naive", "whole"];

pub(super) struct Flows {
    title: Element,
    nav: HtmlElement,
    tabs: Pool<HtmlElement>,
    reader: HtmlSelectElement,
    size: HtmlInputElement,
    problem: HtmlElement,
    replayed: HtmlElement,
}

impl Flows {
    pub(super) fn new() -> Self {
        let nav: HtmlElement = element("flows");
        let reader: HtmlSelectElement = element("reader");
        for value in READERS {
            add_option(&reader, value);
        }
        Self {
            title: element("flow-title"),
            tabs: Pool::new(nav.clone().into(), "connection-template"),
            nav,
            reader,
            size: element("reader-size"),
            problem: element("reader-problem"),
            replayed: element("replayed"),
        }
    }

    pub(super) fn render(&mut self, state: &State) {
        let lab = &state.lab;
        let name =
            |from, to| format!("{} → {}", name_or_unknown(state, from), name_or_unknown(state, to));
        let shown = lab.flow();
        // Without a server there is nobody to send to.
        let known = shown.filter(|(_, flow)| flow.from.is_some() && flow.to.is_some());
        let title = known.map(|(_, flow)| name(flow.from, flow.to)).unwrap_or_default();
        set_text(&self.title, &title);
        let is_one = lab.flows_with_bytes().nth(1).is_none();
        // A button says it too.
        set_attribute(&self.title, "class", (!is_one).then_some("hidden"));
        set_hidden(&self.nav, is_one);
        self.tabs.begin();
        for (index, flow) in lab.flows_with_bytes().take(MAX_FLOWS) {
            let tab = self.tabs.next();
            set_text(tab, &name(flow.from, flow.to));
            set_attribute(tab, "data-flow", Some(&index.to_string()));
            set_pressed(tab, shown.is_some_and(|(number, _)| number == index));
        }
        self.tabs.end();
        self.render_reader(state);
    }

    fn render_reader(&self, state: &State) {
        let options = self.reader.options();
        let texts = [
            state.locale.text("reader-recorded"),
            state.locale.text("reader-recv"),
            state.locale.text("reader-naive"),
            state.locale.text("reader-whole"),
        ];
        for (index, text) in (0..).zip(texts) {
            if let Some(option) = options.item(index) {
                set_text(&option, text);
            }
        }
        let reader = state.lab.what_if.as_ref().map(|what_if| what_if.reader);
        let (value, size) = match reader {
            None => ("recorded", None),
            Some(Reader::Recv(size)) => ("recv", Some(size)),
            Some(Reader::Naive) => ("naive", None),
            Some(Reader::Whole) => ("whole", None),
        };
        choose(&self.reader, value);
        set_hidden(&self.size, size.is_none());
        // What is typed is not a number at each moment.
        let is_typed = document().active_element().is_some_and(|active| active == **self.size);
        if let Some(size) = size.filter(|_| !is_typed) {
            set_value(&self.size, &size.to_string());
        }
        let is_wrong = size.is_some() && parse_reader_size(&self.size.value()).is_none();
        set_attribute(&self.size, "aria-invalid", is_wrong.then_some("true"));
        set_hidden(&self.problem, !is_wrong);
        set_text(&self.problem, &state.locale.fill("reader-problem", &[("last", &u32::MAX)]));
        set_disabled(&self.reader, !state.lab.can_read_otherwise());
        set_hidden(&self.replayed, reader.is_none());
    }
}
