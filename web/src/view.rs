//! Shows the state.
//!
//! What comes in: the page's state. What goes out: the document's elements. Every part is a pure
//! function of the state. Nothing is kept from frame to frame, except elements that are used again and
//! what is needed to see that a text has not changed.
//!
//! May use: nothing.

mod axis;
mod connections;
mod controls;
mod cuts;
mod detail;
mod drawing;
mod lab;
mod list;
mod opening;
mod pool;
mod ribbons;
mod source;
mod strip;
mod texts;
mod transport;

use axis::Axis;
use connections::Connections;
use controls::Controls;
use cuts::Cuts;
use detail::Detail;
use framescope_browser::dom::{self, set_attribute, set_hidden};
use framescope_page::screen::lists;
use framescope_page::screen::pace::{Part, Parts};
use framescope_page::state::{List, State, Tab, Theme};
use framescope_page::text::Language;
use framescope_page::text::bidi::visible;
use framescope_record::{Direction, Provenance};
use lab::LabView;
use list::{ChunkList, MessageList};
use opening::Opening;
use ribbons::Ribbons;
use web_sys::{Element, HtmlDialogElement, HtmlElement, HtmlInputElement};

use crate::browser::{document, element};
pub(crate) use list::{row_height, was_scrolled};
use source::Source;
use strip::Strip;
use transport::Transport;

/// The page's parts.
pub(crate) struct View {
    language: Option<Language>,
    controls: Controls,
    source: Source,
    opening: Opening,
    connections: Connections,
    axes: [(Axis, Strip); 2],
    cuts: Cuts,
    chunks: ChunkList,
    messages: MessageList,
    detail: Detail,
    messages_panel: HtmlElement,
    lanes: HtmlElement,
    lab: LabView,
    ribbons: Ribbons,
    transport: Transport,
    announcer: Element,
    blank: HtmlElement,
    /// The elements that a black screen hides. They are hidden from the keyboard too.
    hidden_by_blank: [Element; 3],
    help: HtmlDialogElement,
    go: HtmlDialogElement,
    go_lesson: HtmlInputElement,
}

impl View {
    pub(crate) fn new() -> Self {
        Self {
            language: None,
            controls: Controls::new(),
            source: Source::new(),
            opening: Opening::new(),
            connections: Connections::new(),
            axes: [Direction::Received, Direction::Sent]
                .map(|direction| (Axis::new(direction), Strip::new(direction))),
            cuts: Cuts::new(),
            chunks: ChunkList::new(),
            messages: MessageList::new(),
            detail: Detail::new(),
            messages_panel: element("messages-panel"),
            lanes: element("lanes"),
            lab: LabView::new(),
            ribbons: Ribbons::new(),
            transport: Transport::new(),
            announcer: element("announcer"),
            blank: element("blank"),
            hidden_by_blank: ["bar", "main", "transport"].map(element),
            help: element("help"),
            go: element("go"),
            go_lesson: element("go-lesson"),
        }
    }

    /// Renders these parts.
    pub(crate) fn render(&mut self, state: &State, parts: Parts) {
        let highlight = state.highlight();
        // What somebody waits for is shown in each frame.
        self.opening.render(state);
        if parts.has(Part::Programs) {
            self.render_programs(state, highlight.as_ref());
        }
        if parts.has(Part::Lists) {
            self.render_lists(state, highlight.as_ref());
        }
        if parts.has(Part::Bytes) {
            self.render_bytes(state, highlight.as_ref());
        }
        if parts.has(Part::Picture) {
            match state.tab {
                Tab::Lab => self.lab.render_picture(state),
                Tab::Live => self.ribbons.render(state),
            }
        }
        self.settle(state, parts);
    }

    /// Renders the bytes.
    fn render_bytes(&mut self, state: &State, highlight: Option<&Provenance>) {
        set_hidden(&self.lanes, state.tab == Tab::Lab && !has_bytes(state));
        let lanes = match state.tab {
            // What was received has both ends of a flow.
            Tab::Lab => 1,
            Tab::Live if state.has_lists() => 2,
            Tab::Live => 0,
        };
        for (axis, strip) in self.axes.iter_mut().take(lanes) {
            axis.render(state, highlight);
            strip.render(state);
        }
        if lanes > 0 {
            self.cuts.render(state);
        }
        if state.tab == Tab::Lab {
            self.lab.render_flows(state);
        }
    }

    /// Renders the controls and the programs.
    fn render_programs(&mut self, state: &State, highlight: Option<&Provenance>) {
        if self.language != Some(state.locale.language) {
            self.language = Some(state.locale.language);
            texts::render(&state.locale);
        }
        self.render_preferences(state);
        self.source.render(state);
        self.controls.render(state);
        self.connections.render(state);
        self.detail.render(state, highlight);
        if state.tab == Tab::Lab {
            self.lab.render_programs(state);
        }
        self.transport.render(state);
    }

    /// Renders the lists.
    fn render_lists(&mut self, state: &State, highlight: Option<&Provenance>) {
        let has_messages = match state.tab {
            Tab::Live => state.shown_format().is_some(),
            Tab::Lab => state.lab.header().is_some(),
        };
        set_hidden(&self.messages_panel, !has_messages);
        if state.tab == Tab::Lab || state.has_lists() {
            self.chunks.render(state, highlight, lists::rows(state, List::Chunks));
            self.messages.render(state, highlight, lists::rows(state, List::Messages));
        }
        if state.tab == Tab::Lab {
            self.lab.render_lists(state);
        }
    }

    /// Scrolls what the state scrolls. It comes last: the browser lays the page out to say where something is, and
    /// would again after each change.
    fn settle(&mut self, state: &State, parts: Parts) {
        if parts.has(Part::Lists) && (state.tab == Tab::Lab || state.has_lists()) {
            self.chunks.settle();
            self.messages.settle();
        }
        if state.tab == Tab::Lab {
            self.lab.settle(parts);
        }
    }

    /// Announces `text` to users of a screen reader.
    pub(crate) fn announce(&mut self, text: &str) {
        self.announcer.set_text_content(Some(&visible(text)));
    }

    fn render_preferences(&self, state: &State) {
        if let Some(root) = document().document_element() {
            let theme = if state.theme() == Theme::Dark { "dark" } else { "light" };
            set_attribute(&root, "data-theme", Some(theme));
            let tab = if state.tab == Tab::Lab { "lab" } else { "live" };
            set_attribute(&root, "data-show", Some(tab));
            let view = if state.has_lists() { "list" } else { "ribbons" };
            set_attribute(&root, "data-view", Some(view));
            let framing = if state.link.is_framed { "header" } else { "none" };
            set_attribute(&root, "data-framing", Some(framing));
            set_attribute(&root, "data-projector", state.preferences.projector.then_some(""));
        }
        set_hidden(&self.blank, !state.blank);
        for part in &self.hidden_by_blank {
            set_attribute(part, "inert", state.blank.then_some(""));
        }
        show_dialog(&self.help, state.help);
        if state.go && !self.go.open() {
            self.go_lesson.set_value("");
        }
        show_dialog(&self.go, state.go);
    }
}

fn show_dialog(dialog: &HtmlDialogElement, is_open: bool) {
    if is_open && !dialog.open() {
        // This fails only if the dialog is open, and it is not.
        let _ = dialog.show_modal();
    } else if !is_open && dialog.open() {
        dialog.close();
    }
}

/// Whether the run is about bytes, as far as it is known: not if several connections have none.
fn has_bytes(state: &State) -> bool {
    let timeline = &state.lab.shown_timeline();
    timeline.connections().len() < 2 || timeline.first_used_flow().is_some()
}
