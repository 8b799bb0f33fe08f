//! The bar at the bottom: the cursor's position, and the buttons that move it.

use framescope_page::screen::next::{can_go_on, next_step};
use framescope_page::state::{State, Tab};
use framescope_page::text::bytes::milliseconds;
use web_sys::{Element, HtmlButtonElement, HtmlInputElement};

use super::controls::{set_inert, set_pressed};
use super::dom::{set_attribute, set_disabled, set_text, set_value};
use crate::browser::element;

pub(super) struct Transport {
    first: HtmlButtonElement,
    back: HtmlButtonElement,
    play: HtmlButtonElement,
    step: HtmlButtonElement,
    last: HtmlButtonElement,
    scrubber: HtmlInputElement,
    position: Element,
    follow: Element,
    next: Element,
    next_who: Element,
    next_what: Element,
}

impl Transport {
    pub(super) fn new() -> Self {
        Self {
            first: element("first"),
            back: element("back"),
            play: element("play"),
            step: element("step"),
            last: element("last"),
            scrubber: element("scrubber"),
            position: element("position"),
            follow: element("follow"),
            next: element("lab-step"),
            next_who: element("next-who"),
            next_what: element("next-what"),
        }
    }

    pub(super) fn render(&self, state: &State) {
        let numbers = state.positions();
        let (first, last) = (*numbers.start(), *numbers.end());
        let number = state.cursor.unwrap_or(last);
        for button in [&self.first, &self.back] {
            set_disabled(button, number <= first);
        }
        let goes_on = state.tab == Tab::Lab && state.lab.goes_on();
        set_disabled(&self.step, number >= last && !goes_on);
        set_disabled(&self.last, number >= last);
        set_disabled(&self.play, first == last && !goes_on);
        set_pressed(&self.play, state.playing);
        set_text(&self.play, if state.playing { "‖" } else { "▶" });
        set_attribute(&self.scrubber, "min", Some(&first.to_string()));
        set_attribute(&self.scrubber, "max", Some(&last.to_string()));
        set_value(&self.scrubber, &number.to_string());
        let locale = &state.locale;
        let position = match state.time() {
            None => locale.fill("position", &[("number", &number), ("last", &last)]),
            Some(time) => {
                let time = milliseconds(time);
                locale
                    .fill("position-time", &[("number", &number), ("last", &last), ("time", &time)])
            }
        };
        set_text(&self.position, &position);
        set_attribute(&self.scrubber, "aria-valuetext", Some(&position));
        set_pressed(&self.follow, state.follow);
        let next = next_step(state);
        set_text(&self.next_who, &next.who);
        set_text(&self.next_what, &next.what);
        set_inert(&self.next, !can_go_on(state));
    }
}
