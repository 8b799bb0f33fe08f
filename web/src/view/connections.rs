//! The buttons of the connections that are kept.

use framescope_page::state::State;
use web_sys::HtmlElement;

use super::controls::set_pressed;
use super::dom::{set_attribute, set_hidden, set_text};
use super::pool::Pool;
use crate::browser::element;

pub(super) struct Connections {
    nav: HtmlElement,
    tabs: Pool<HtmlElement>,
}

impl Connections {
    pub(super) fn new() -> Self {
        let nav: HtmlElement = element("connections");
        Self { tabs: Pool::new(nav.clone().into(), "connection-template"), nav }
    }

    pub(super) fn render(&mut self, state: &State) {
        set_hidden(&self.nav, state.connections.len() < 2);
        self.tabs.begin();
        for connection in &state.connections {
            let read_options = &connection.read_options;
            let key = if read_options.delay_ms == 0 {
                state.locale.fill(
                    "connection-tab",
                    &[("number", &connection.number), ("recv", &read_options.recv)],
                )
            } else {
                state.locale.fill(
                    "connection-tab-delay",
                    &[
                        ("number", &connection.number),
                        ("recv", &read_options.recv),
                        ("delay", &read_options.delay_ms),
                    ],
                )
            };
            let key = if connection.is_recorded() {
                state.locale.fill("connection-tab-recorded", &[("tab", &key)])
            } else {
                key
            };
            let tab = self.tabs.next();
            set_text(tab, &key);
            set_attribute(tab, "data-number", Some(&connection.number.to_string()));
            set_pressed(tab, connection.number == state.shown);
        }
        self.tabs.end();
    }
}
