//! The source of the bytes on screen, the banner about the connection, and the problem of a file.

use framescope_page::screen::banner::{Banner, banner};
use framescope_page::screen::lists::received_note;
use framescope_page::screen::problem::problem_text;
use framescope_page::screen::source::source;
use framescope_page::state::{Relay, State, Tab};
use web_sys::{Element, HtmlElement};

use super::dom::{set_attribute, set_hidden, set_text};
use crate::browser::element;

pub(super) struct Source {
    status: Element,
    text: Element,
    received_note: Element,
    banner: HtmlElement,
    banner_mark: Element,
    banner_text: Element,
    reconnect: HtmlElement,
    file_problem: HtmlElement,
}

impl Source {
    pub(super) fn new() -> Self {
        Self {
            status: element("source"),
            text: element("source-text"),
            received_note: element("received-note"),
            banner: element("banner"),
            banner_mark: element("banner-mark"),
            banner_text: element("banner-text"),
            reconnect: element("reconnect"),
            file_problem: element("file-problem"),
        }
    }

    pub(super) fn render(&self, state: &State) {
        let (kind, text) = source(state);
        set_attribute(&self.status, "data-state", Some(kind));
        set_text(&self.text, &text);
        set_text(&self.received_note, received_note(state));
        let banner = banner(state);
        set_hidden(&self.banner, banner.is_none());
        if let Some(Banner { kind, text }) = banner {
            set_attribute(&self.banner, "data-kind", Some(kind.name()));
            set_text(&self.banner_mark, kind.mark());
            set_text(&self.banner_text, &text);
        }
        let locale = &state.locale;
        let is_over = state.tab == Tab::Live
            && state.current().is_some_and(|current| current.state.is_over());
        let label = if state.relay == Relay::Absent && !is_over {
            locale.text("look-for-relay")
        } else {
            locale.text("reconnect")
        };
        set_text(&self.reconnect, label);
        // Reconnect is not for recordings: it would close the connection that is open.
        set_hidden(&self.reconnect, state.tab == Tab::Live && state.shows_recording());
        let problem = problem_text(state);
        set_hidden(&self.file_problem, problem.is_none());
        set_text(&self.file_problem, &problem.unwrap_or_default());
    }
}
