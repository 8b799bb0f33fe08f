//! The ladder diagram: time goes down, the clients are left, the server is right.

use framescope_lab::Rung;
use framescope_page::screen::ladder::{CrossingLabel, crossing_label, rung_text};
use framescope_page::screen::network::{held_segment, ladder_note};
use framescope_page::screen::wording::program_name;
use framescope_page::state::State;
use web_sys::{Element, HtmlElement};

use crate::browser::element;
use crate::view::dom::{child, set_attribute, set_hidden, set_text};
use crate::view::list::{Scroller, place_row};
use crate::view::pool::{Pool, Pooled};

pub(super) struct Ladder {
    note: Element,
    scroller: Scroller,
    rungs: Pool<RungElements>,
}

struct RungElements {
    root: HtmlElement,
    time: Element,
    left: Element,
    crossing: Element,
    crossing_text: Element,
    tools: HtmlElement,
    /// What each of the tools says it does.
    deliver: Element,
    drop: Element,
    delay: Element,
    duplicate: Element,
    right: Element,
}

impl Pooled for RungElements {
    fn new(root: HtmlElement) -> Self {
        let part = |selector: &str| child(&root, selector).into();
        Self {
            time: part(".time"),
            left: part(".left"),
            crossing: part(".crossing"),
            crossing_text: part(".crossing-text"),
            tools: child(&root, ".segment-tools"),
            deliver: part("[data-does=deliver]"),
            drop: part("[data-does=drop]"),
            delay: part("[data-does=delay]"),
            duplicate: part("[data-does=duplicate]"),
            right: part(".right"),
            root,
        }
    }

    fn root(&self) -> &HtmlElement {
        &self.root
    }
}

impl Ladder {
    pub(super) fn new() -> Self {
        let scroller = Scroller::new("ladder");
        Self {
            note: element("ladder-note"),
            rungs: Pool::new(scroller.rows().clone().into(), "rung-template"),
            scroller,
        }
    }

    pub(super) fn render(&mut self, state: &State) {
        set_text(&self.note, ladder_note(state));
        let lab = &state.lab;
        let rungs = &lab.shown_timeline().rungs()[..lab.rungs(state.event())];
        let visible = self.scroller.render(state, state.ladder_list, rungs.len());
        self.rungs.begin();
        for index in visible {
            let Some(rung) = rungs.get(index) else { continue };
            let shown = self.rungs.next();
            place_row(&shown.root, index, state);
            render_rung(state, shown, rung);
            let is_last = index + 1 == rungs.len();
            set_attribute(&shown.root, "data-last", is_last.then_some(""));
        }
        self.rungs.end();
    }

    /// Scrolls to the state's position. Call it when everything has been rendered.
    pub(super) fn settle(&self) {
        self.scroller.settle();
    }
}

fn render_rung(state: &State, shown: &RungElements, rung: &Rung) {
    let trace = &state.lab.shown_trace();
    let Some(event) = trace.events.get(rung.event) else { return };
    set_text(&shown.time, &format!("{}.{:02}", event.at / 1000, event.at % 1000 / 10));
    let (text, kind) = rung_text(state, rung);
    let is_server = state.lab.is_server(event.program);
    let programs = 0..trace.experiment.programs.len();
    let has_many_clients = programs.filter(|program| !state.lab.is_server(*program)).count() > 1;
    let text = if has_many_clients && !is_server {
        format!("{}: {text}", program_name(state, event.program))
    } else {
        text
    };
    let (left, right) = if is_server { ("", &text[..]) } else { (&text[..], "") };
    set_text(&shown.left, left);
    set_text(&shown.right, right);
    let label = crossing_label(state, rung);
    let text = match &label {
        None => String::new(),
        Some(CrossingLabel { text, to_server: None, .. }) => text.clone(),
        Some(CrossingLabel { text, to_server: Some(true), .. }) => format!("─ {text} ─▶"),
        Some(CrossingLabel { text, to_server: Some(false), .. }) => format!("◀─ {text} ─"),
    };
    set_text(&shown.crossing_text, &text);
    render_tools(state, shown, rung);
    let is_derived = label.as_ref().is_some_and(|label| label.is_derived);
    set_attribute(&shown.crossing, "data-derived", is_derived.then_some(""));
    let details = label.as_ref().map(|label| label.details.as_str());
    set_attribute(&shown.crossing, "title", details.filter(|details| !details.is_empty()));
    set_attribute(&shown.root, "data-kind", kind);
}

/// What the user can do with a segment that is held.
fn render_tools(state: &State, shown: &RungElements, rung: &Rung) {
    let held = held_segment(state, rung);
    set_hidden(&shown.tools, held.is_none());
    let Some(number) = held else { return };
    set_attribute(&shown.tools, "data-segment", Some(&number.to_string()));
    let locale = &state.locale;
    for (button, sign, title) in [
        (&shown.deliver, "▶", locale.text("segment-deliver")),
        (&shown.drop, "✕", locale.text("segment-drop")),
        (&shown.delay, "⏱", locale.text("segment-delay")),
        (&shown.duplicate, "×2", locale.text("segment-duplicate")),
    ] {
        set_text(button, sign);
        set_attribute(button, "title", Some(title));
        set_attribute(button, "aria-label", Some(title));
    }
}
