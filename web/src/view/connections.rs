//! The tabs of the connections that are kept.

use web_sys::HtmlElement;

use super::controls::set_pressed;
use super::dom::{set_attribute, set_text};
use super::pool::Pool;
use crate::browser::element;
use crate::model::Model;

pub(super) struct Connections {
    nav: HtmlElement,
    tabs: Pool<HtmlElement>,
}

impl Connections {
    pub(super) fn new() -> Self {
        let nav: HtmlElement = element("connections");
        Self { tabs: Pool::new(nav.clone().into(), "connection-template"), nav }
    }

    pub(super) fn render(&mut self, model: &Model) {
        self.nav.set_hidden(model.connections.len() < 2);
        self.tabs.begin();
        for connection in &model.connections {
            let levers = &connection.levers;
            let key = if levers.delay_ms == 0 {
                model.locale.fill(
                    "connection-tab",
                    &[("number", &connection.number), ("recv", &levers.recv)],
                )
            } else {
                model.locale.fill(
                    "connection-tab-delay",
                    &[
                        ("number", &connection.number),
                        ("recv", &levers.recv),
                        ("delay", &levers.delay_ms),
                    ],
                )
            };
            let key = if connection.is_recorded() {
                model.locale.fill("connection-tab-recorded", &[("tab", &key)])
            } else {
                key
            };
            let tab = self.tabs.next();
            set_text(tab, &key);
            set_attribute(tab, "data-number", Some(&connection.number.to_string()));
            set_pressed(tab, connection.number == model.shown);
        }
        self.tabs.end();
    }
}
