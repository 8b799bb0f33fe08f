//! The choice of the flow that the lanes show, and of its reader.

use framescope_lab::{Program, Side};
use framescope_page::screen::wording::side_name;
use framescope_page::state::{READERS, State};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, HtmlOptionElement, HtmlSelectElement};

use crate::browser::element;
use crate::view::controls::{add_option, set_pressed};
use crate::view::dom::{set_attribute, set_text};
use crate::view::pool::Pool;

/// The value of the option for the recorded reader.
const RECORDED: &str = "recorded";

pub(super) struct Flows {
    panel: HtmlElement,
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
        for (index, call) in READERS.iter().enumerate() {
            add_option(&reader, &index.to_string());
            let line = Program(vec![call.clone()]).line(Side::CLIENT, 0);
            let name =
                line.replace("client.", "").replace("(client, ", "(").replace("(client)", "()");
            let added = reader.options().item(reader.length() - 1);
            if let Some(option) =
                added.and_then(|option| option.dyn_into::<HtmlOptionElement>().ok())
            {
                option.set_text(&name);
            }
        }
        Self {
            panel: element("lanes"),
            title: element("flow-title"),
            tabs: Pool::new(nav.clone().into(), "connection-template"),
            nav,
            reader,
            replayed: element("replayed"),
        }
    }

    pub(super) fn render(&mut self, state: &State) {
        let lab = &state.lab;
        self.panel.set_hidden(!lab.has_sends());
        let name = |from, to| format!("{} → {}", side_name(state, from), side_name(state, to));
        let shown = lab.flow();
        let title = shown.map(|(_, flow)| name(flow.from, flow.to)).unwrap_or_default();
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
        if let Some(recorded) = self.reader.options().item(0) {
            set_text(&recorded, state.locale.text("reader-recorded"));
        }
        let reader = state.lab.replay.as_ref().map(|(reader, _)| reader);
        let index = reader.and_then(|reader| READERS.iter().position(|known| known == reader));
        let value = index.map_or_else(|| RECORDED.to_owned(), |index| index.to_string());
        if self.reader.value() != value {
            self.reader.set_value(&value);
        }
        self.reader.set_disabled(state.lab.trace.events.is_empty());
        self.replayed.set_hidden(reader.is_none());
    }
}
