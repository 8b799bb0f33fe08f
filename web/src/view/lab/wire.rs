//! What happens on the wire: holding segments, rules in words, and why there is no wire.

use framescope_page::screen::network::{
    MissingWire, WireWords, can_hold, missing_wire, recorded_variant, wire_words,
};
use framescope_page::state::State;
use web_sys::{Element, HtmlButtonElement, HtmlElement, HtmlInputElement};

use crate::browser::{document, element};
use crate::view::controls::set_pressed;
use crate::view::dom::{set_attribute, set_text};

pub(super) struct WireControls {
    hold: HtmlButtonElement,
    wire: HtmlElement,
    words: HtmlInputElement,
    problem: HtmlElement,
    words_note: HtmlElement,
    recorded: HtmlButtonElement,
    no_wire: HtmlElement,
    reason: Element,
    remedy: HtmlElement,
    command: Element,
}

impl WireControls {
    pub(super) fn new() -> Self {
        Self {
            hold: element("wire-hold"),
            wire: element("wire"),
            words: element("wire-words"),
            problem: element("wire-words-problem"),
            words_note: element("wire-words-note"),
            recorded: element("recorded"),
            no_wire: element("no-wire"),
            reason: element("no-wire-reason"),
            remedy: element("no-wire-remedy"),
            command: element("no-wire-command"),
        }
    }

    pub(super) fn render(&self, state: &State) {
        self.hold.set_hidden(!can_hold(state));
        self.recorded.set_hidden(recorded_variant(state).is_none());
        set_pressed(&self.hold, state.lab.holds_segments);
        self.render_words(state);
        let missing = missing_wire(state);
        self.no_wire.set_hidden(missing.is_none());
        let Some(MissingWire { reason, remedy }) = missing else { return };
        set_text(&self.reason, &reason);
        self.remedy.set_hidden(remedy.is_none());
        set_text(&self.command, &remedy.unwrap_or_default());
    }

    fn render_words(&self, state: &State) {
        self.wire.set_hidden(!can_hold(state));
        let WireWords { text, problem, note } = wire_words(state);
        let is_focused = document().active_element().is_some_and(|active| active == **self.words);
        if !is_focused && self.words.value() != text {
            self.words.set_value(&text);
        }
        set_attribute(&self.words, "aria-invalid", problem.as_ref().map(|_| "true"));
        self.problem.set_hidden(problem.is_none());
        set_text(&self.problem, &problem.unwrap_or_default());
        self.words_note.set_hidden(note.is_none());
        set_text(&self.words_note, &note.unwrap_or_default());
    }
}
