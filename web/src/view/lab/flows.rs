//! The choice of the flow that the lanes show, and of its reader.

use framescope_lab::Reader;
use framescope_page::screen::wording::name_or_unknown;
use framescope_page::state::State;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, HtmlOptionElement, HtmlSelectElement};

use crate::browser::element;
use crate::view::controls::{add_option, set_pressed};
use crate::view::dom::{set_attribute, set_text};
use crate::view::pool::Pool;

/// The value of the option for the recorded reader.
const RECORDED: &str = "recorded";

pub(super) struct Flows {
    title: Element,
    nav: HtmlElement,
    tabs: Pool<HtmlElement>,
    reader: HtmlSelectElement,
    replayed: HtmlElement,
}

impl Flows {
    pub(super) fn new() -> Self {
        let nav: HtmlElement = element("flows");
        let reader: HtmlSelectElement = element("reader");
        add_option(&reader, RECORDED);
        for index in 0..Reader::ALL.len() {
            add_option(&reader, &index.to_string());
        }
        Self {
            title: element("flow-title"),
            tabs: Pool::new(nav.clone().into(), "connection-template"),
            nav,
            reader,
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
        self.nav.set_hidden(lab.flows_with_bytes().count() < 2);
        self.tabs.begin();
        for (index, flow) in lab.flows_with_bytes() {
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
        if let Some(recorded) = options.item(0) {
            set_text(&recorded, state.locale.text("reader-recorded"));
        }
        for (index, reader) in (1..).zip(Reader::ALL) {
            let option =
                options.item(index).and_then(|one| one.dyn_into::<HtmlOptionElement>().ok());
            if let Some(option) = option {
                let text = match reader {
                    Reader::Recv(length) => format!("recv({length})"),
                    Reader::Naive => state.locale.text("reader-naive").to_owned(),
                    Reader::Whole => state.locale.text("reader-whole").to_owned(),
                };
                if option.text() != text {
                    option.set_text(&text);
                }
            }
        }
        let reader = state.lab.replay.as_ref().map(|(reader, _)| *reader);
        let index = reader.and_then(|reader| Reader::ALL.iter().position(|known| *known == reader));
        let value = index.map_or_else(|| RECORDED.to_owned(), |index| index.to_string());
        if self.reader.value() != value {
            self.reader.set_value(&value);
        }
        self.reader.set_disabled(state.lab.trace.events.is_empty());
        self.replayed.set_hidden(reader.is_none());
    }
}
