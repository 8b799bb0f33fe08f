//! What happens on the wire: holding segments, rules in words, and why there is no wire.

use framescope_page::screen::network::{
    MissingWire, WireWords, can_hold, missing_wire, recorded_variant, wire_words,
};
use framescope_page::state::State;
use web_sys::{Element, HtmlButtonElement, HtmlElement, HtmlInputElement};

use crate::browser::{document, element};
use crate::view::controls::set_pressed;
use crate::view::dom::{set_attribute, set_hidden, set_text, set_value};

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
        set_hidden(&self.hold, !can_hold(state));
        set_hidden(&self.recorded, recorded_variant(state).is_none());
        set_pressed(&self.hold, state.lab.holds_segments);
        self.render_words(state);
        let missing = missing_wire(state);
        set_hidden(&self.no_wire, missing.is_none());
        let Some(MissingWire { reason, remedy }) = missing else { return };
        set_text(&self.reason, &reason);
        set_hidden(&self.remedy, remedy.is_none());
        set_text(&self.command, &remedy.unwrap_or_default());
    }

    fn render_words(&self, state: &State) {
        set_hidden(&self.wire, !can_hold(state));
        let WireWords { text, problem, note } = wire_words(state);
        let is_focused = document().active_element().is_some_and(|active| active == **self.words);
        if !is_focused {
            set_value(&self.words, &text);
        }
        set_attribute(&self.words, "aria-invalid", problem.as_ref().map(|_| "true"));
        set_hidden(&self.problem, problem.is_none());
        set_text(&self.problem, &problem.unwrap_or_default());
        set_hidden(&self.words_note, note.is_none());
        set_text(&self.words_note, &note.unwrap_or_default());
    }
}
