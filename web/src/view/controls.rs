//! The bar at the top, the read options and the composer.

use framescope_framing::HeaderFormat;
use framescope_page::state::{
    CELL_WIDTHS, ConnectionState, MAX_SEND, MAX_TIMES, Relay, State, Tab, Theme,
};
use framescope_page::text::Notation;
use framescope_page::text::bidi::visible;
use framescope_page::text::bytes::hex;
use framescope_protocol::ReadOptions;
use wasm_bindgen::JsCast as _;
use web_sys::{
    Element, HtmlButtonElement, HtmlElement, HtmlInputElement, HtmlOptionElement, HtmlSelectElement,
};

use super::dom::{
    choose, from_template, set_attribute, set_disabled, set_hidden, set_text, set_value,
};
use crate::browser::{document, element};

pub(super) struct Controls {
    notation: Element,
    zoom_in: HtmlButtonElement,
    zoom_out: HtmlButtonElement,
    projector: Element,
    tabs: [(Element, Tab); 2],
    theme: Element,
    shortcuts: HtmlInputElement,
    framings: [(Element, bool); 2],
    views: [(Element, bool); 2],
    with_header: Vec<HtmlElement>,
    read_options_note: HtmlElement,
    target_field: HtmlElement,
    target: HtmlSelectElement,
    recv: HtmlInputElement,
    recv_problem: HtmlElement,
    delay: HtmlInputElement,
    delay_problem: HtmlElement,
    header: HtmlSelectElement,
    write_header: HtmlSelectElement,
    nodelay: HtmlInputElement,
    text: HtmlInputElement,
    times: HtmlInputElement,
    send: HtmlButtonElement,
    frame_header: HtmlElement,
    frame_note: Element,
    targets: Vec<String>,
}

impl Controls {
    pub(super) fn new() -> Self {
        let [header, write_header]: [HtmlSelectElement; 2] =
            ["header", "write-header"].map(element);
        for format in HeaderFormat::ALL {
            add_option(&header, format.notation());
            add_option(&write_header, format.notation());
        }
        Self {
            notation: element("notation"),
            zoom_in: element("zoom-in"),
            zoom_out: element("zoom-out"),
            projector: element("projector"),
            tabs: [(element("tab-live"), Tab::Live), (element("tab-lab"), Tab::Lab)],
            theme: element("theme"),
            shortcuts: element("shortcuts"),
            framings: [(element("without-header"), false), (element("with-header"), true)],
            views: [(element("view-ribbons"), false), (element("view-list"), true)],
            with_header: ["header-field", "write-header-field"].map(element).into(),
            read_options_note: element("read-options-note"),
            target_field: element("target-field"),
            target: element("target"),
            recv: element("recv"),
            recv_problem: element("recv-problem"),
            delay: element("delay"),
            delay_problem: element("delay-problem"),
            header,
            write_header,
            nodelay: element("nodelay"),
            text: element("composer-text"),
            times: element("composer-times"),
            send: element("send"),
            frame_header: element("frame-header"),
            frame_note: element("frame-note"),
            targets: Vec::new(),
        }
    }

    pub(super) fn render(&mut self, state: &State) {
        self.render_preferences(state);
        self.render_read_options(state);
        self.render_composer(state);
    }

    fn render_preferences(&self, state: &State) {
        let hex = state.preferences.notation == Notation::Hex;
        set_text(&self.notation, if hex { "05" } else { "\\x05" });
        set_pressed(&self.projector, state.preferences.projector);
        for (button, tab) in &self.tabs {
            set_pressed(button, state.tab == *tab);
        }
        set_pressed(&self.theme, state.preferences.theme == Theme::Dark);
        set_inert(&self.zoom_out, state.zoom() == 0);
        set_inert(&self.zoom_in, state.zoom() + 1 == CELL_WIDTHS.len());
        self.shortcuts.set_checked(state.preferences.shortcuts);
    }

    fn render_read_options(&mut self, state: &State) {
        let read_options = &state.link.read_options;
        for (button, is_framed) in &self.framings {
            set_pressed(button, state.link.is_framed == *is_framed);
        }
        for (button, has_lists) in &self.views {
            set_pressed(button, state.link.has_lists == *has_lists);
        }
        let format = state.shown_format();
        for field in &self.with_header {
            set_hidden(field, format.is_none());
        }
        // A recording has its own options.
        let recording = state.connection().filter(|connection| connection.is_recorded());
        set_hidden(&self.read_options_note, recording.is_none());
        if let Some((recording, format)) = recording.zip(format) {
            let ReadOptions { recv, delay_ms, .. } = recording.read_options;
            let values: [(&str, &dyn std::fmt::Display); 3] =
                [("recv", &recv), ("delay", &delay_ms), ("header", &format)];
            let note = state.locale.fill("read-options-note", &values);
            set_text(&self.read_options_note, &note);
        }
        show_value(&self.recv, state.bad_recv, &read_options.recv.to_string());
        set_hidden(&self.recv_problem, !state.bad_recv);
        show_value(&self.delay, state.bad_delay, &read_options.delay_ms.to_string());
        set_hidden(&self.delay_problem, !state.bad_delay);
        self.nodelay.set_checked(read_options.nodelay);
        if let Some(format) = format {
            choose(&self.header, format.notation());
        }
        choose(&self.write_header, state.write_format().notation());
        if matches!(state.relay, Relay::Known(_)) && !state.listed_targets().eq(&self.targets) {
            self.targets = state.listed_targets().map(str::to_owned).collect();
            self.target.set_text_content(None);
            for name in &self.targets {
                add_option(&self.target, name);
            }
        }
        set_hidden(&self.target_field, self.targets.len() < 2);
        choose(&self.target, state.target());
    }

    fn render_composer(&self, state: &State) {
        let composer = &state.composer;
        show_value(&self.text, false, &composer.text);
        let times = composer.times.map(|times| times.to_string());
        show_value(&self.times, times.is_none(), &times.unwrap_or_default());
        let open =
            state.current().is_some_and(|connection| connection.state == ConnectionState::Open);
        let (format, limit) = (state.write_format(), state.max_payload());
        let length = composer.text.len();
        let times = composer.times.unwrap_or(1);
        let wire = state.frame(&composer.text, times);
        let is_sendable = wire.as_ref().is_some_and(|wire| !wire.is_empty());
        set_disabled(&self.send, !open || !is_sendable || composer.times.is_none());
        let header = state.frame_header(&composer.text, times);
        let locale = &state.locale;
        set_hidden(&self.frame_header, header.is_none());
        set_text(
            &self.frame_header,
            &header.map(|header| hex(&header, header.len())).unwrap_or_default(),
        );
        let note = if composer.times.is_none() {
            locale.fill("frame-times", &[("limit", &MAX_TIMES)])
        } else if wire.is_none() {
            let whole = length.saturating_mul(composer.times.unwrap_or(1) as usize);
            let limit = if length > limit { limit } else { MAX_SEND };
            locale.fill("frame-too-long", &[("length", &whole), ("limit", &limit)])
        } else if state.link.is_framed {
            locale.fill("frame-note", &[("format", &format), ("length", &length)])
        } else {
            locale.fill("frame-note-bare", &[("length", &length)])
        };
        set_text(&self.frame_note, &note);
        let is_problem = composer.times.is_none() || wire.is_none();
        set_attribute(&self.frame_note, "data-problem", is_problem.then_some(""));
    }
}

/// Shows the state's value in a field. If the user is typing, or has typed an invalid value, the field
/// does not change.
fn show_value(input: &HtmlInputElement, bad: bool, value: &str) {
    set_attribute(input, "aria-invalid", bad.then_some("true"));
    let focused = document().active_element().is_some_and(|active| active.id() == input.id());
    if !bad && !focused {
        set_value(input, value);
    }
}

pub(super) fn add_option(select: &HtmlSelectElement, value: &str) -> HtmlOptionElement {
    let option: HtmlOptionElement =
        from_template("option-template").dyn_into().expect("the template has an option");
    option.set_value(value);
    option.set_text(&visible(value));
    // This cannot fail: it appends a new element to an element of the page.
    let _ = select.append_child(&option);
    option
}

/// Shows that a button does nothing now. Unlike a disabled button, it keeps the focus.
pub(super) fn set_inert(button: &Element, inert: bool) {
    set_attribute(button, "aria-disabled", inert.then_some("true"));
}

pub(super) fn set_pressed(button: &Element, pressed: bool) {
    set_attribute(button, "aria-pressed", Some(if pressed { "true" } else { "false" }));
}
