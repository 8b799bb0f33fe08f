//! The source of the bytes on screen, the banner about the connection, and the problem of a file.

use framescope_page::screen::end_reason::end_reason;
use framescope_page::screen::lists::received_note;
use framescope_page::screen::problem::problem_text;
use framescope_page::state::{
    Channel, Connection, ConnectionState, NOT_TAKEN, Relay, State, Tab, UNREADABLE,
};
use framescope_protocol::{DEMO_TARGET, Refused, close_code};
use framescope_record::Source as Kernel;
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
        if let Some((kind, mark, text)) = banner {
            set_attribute(&self.banner, "data-kind", Some(kind));
            set_text(&self.banner_mark, mark);
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

fn source(state: &State) -> (&'static str, String) {
    match state.tab {
        Tab::Live => live_source(state),
        Tab::Lab => lab_source(state),
    }
}

fn lab_source(state: &State) -> (&'static str, String) {
    let locale = &state.locale;
    let lab = &state.lab;
    let system = &lab.shown_trace().system;
    if lab.is_imported && lab.shown_trace().source == Kernel::Measured && !system.is_empty() {
        return ("imported", locale.fill("source-recorded-on", &[("system", system)]));
    }
    let text = match (lab.is_imported, lab.shown_trace().source) {
        (true, Kernel::Measured) => locale.text("source-imported-measured"),
        (true, Kernel::Simulated) => locale.text("source-imported-simulated"),
        (false, Kernel::Measured) => locale.text("source-lab-measured"),
        (false, Kernel::Simulated) if state.has_lab() => locale.text("source-lab-choice"),
        (false, Kernel::Simulated) => locale.text("source-lab-simulated"),
    };
    let kind = match (lab.is_imported, lab.shown_trace().source) {
        (true, _) => "imported",
        (false, Kernel::Measured) => "open",
        (false, Kernel::Simulated) => "simulated",
    };
    (kind, text.to_owned())
}

fn live_source(state: &State) -> (&'static str, String) {
    let locale = &state.locale;
    let Some(connection) = state.connection() else {
        return ("absent", locale.text("source-absent").to_owned());
    };
    let address = match &state.relay {
        Relay::Known(info) if connection.target == DEMO_TARGET => &info.tcp_address,
        Relay::Asked | Relay::Known(_) | Relay::Absent => &connection.target,
    };
    let number = &connection.number;
    if connection.source == Kernel::Simulated {
        return simulated_source(state, connection);
    }
    match &connection.state {
        ConnectionState::Recorded { .. } => {
            let values: [(&str, &dyn std::fmt::Display); 2] =
                [("target", &connection.target), ("number", number)];
            ("recorded", locale.fill("source-recorded", &values))
        }
        ConnectionState::Connecting => {
            ("connecting", locale.fill("source-connecting", &[("address", address)]))
        }
        ConnectionState::Open => {
            ("open", locale.fill("source-measured", &[("address", address), ("number", number)]))
        }
        ConnectionState::Refused { .. } => {
            ("over", locale.fill("source-refused", &[("address", address)]))
        }
        ConnectionState::EndOfStream | ConnectionState::Closed | ConnectionState::Lost { .. } => {
            ("over", locale.fill("source-closed", &[("address", address), ("number", number)]))
        }
    }
}

fn simulated_source(state: &State, connection: &Connection) -> (&'static str, String) {
    let locale = &state.locale;
    let number: [(&str, &dyn std::fmt::Display); 1] = [("number", &connection.number)];
    match &connection.state {
        ConnectionState::Connecting => {
            ("connecting", locale.text("source-simulated-fetched").to_owned())
        }
        ConnectionState::Open | ConnectionState::Recorded { .. } => {
            ("simulated", locale.fill("source-simulated", &number))
        }
        ConnectionState::Refused { .. } => {
            ("over", locale.text("source-simulated-missing").to_owned())
        }
        ConnectionState::EndOfStream | ConnectionState::Closed | ConnectionState::Lost { .. } => {
            ("over", locale.fill("source-simulated-closed", &number))
        }
    }
}

/// The banner: its kind, its mark and its text. `None` if there is nothing to say.
fn banner(state: &State) -> Option<(&'static str, &'static str, String)> {
    let locale = &state.locale;
    if state.tab == Tab::Live
        && let Some(ConnectionState::Recorded { end }) =
            state.connection().map(|shown| &shown.state)
    {
        return Some((
            "end",
            "∎",
            locale.fill("banner-recorded", &[("end", &end_reason(locale, end))]),
        ));
    }
    let is_over = state.connection().is_some_and(|connection| connection.state.is_over());
    if state.relay == Relay::Absent && (state.tab == Tab::Lab || !is_over) {
        let text = match state.tab {
            Tab::Live => locale.text("banner-absent"),
            Tab::Lab => locale.text("banner-absent-lab"),
        };
        return Some(("quiet", "", text.to_owned()));
    }
    if state.tab == Tab::Lab {
        let lost = |reason: &String| {
            let reason = end_reason(locale, reason);
            let text = locale.fill("banner-lab-lost", &[("reason", &reason)]);
            Some(("error", "✕", text))
        };
        return match &state.lab.channel {
            _ if state.is_relay_gone => {
                Some(("error", "✕", locale.text("banner-lab-gone").to_owned()))
            }
            Channel::Lost { reason } => lost(reason),
            Channel::Absent | Channel::Opening(_) | Channel::Open => {
                state.lab.failure.as_ref().map_or_else(
                    || {
                        let text = || locale.text("banner-lab-cut").to_owned();
                        state.lab.is_cut_off().then(|| ("quiet", "", text()))
                    },
                    lost,
                )
            }
        };
    }
    let connection: &Connection = state.connection()?;
    let lost = ("error", "✕");
    let is_simulated = connection.source == Kernel::Simulated;
    let (kind, mark, text) = match &connection.state {
        ConnectionState::Connecting | ConnectionState::Open | ConnectionState::Recorded { .. } => {
            return None;
        }
        ConnectionState::Closed => ("quiet", "", locale.text("banner-closed").to_owned()),
        ConnectionState::EndOfStream => ("end", "∎", locale.text("banner-end").to_owned()),
        _ if state.relay_is_back && state.shows_current() => {
            ("end", "↻", locale.text("banner-back").to_owned())
        }
        ConnectionState::Refused { answer: Some(refusal) } => {
            let why = match Refused::from_status(refusal.status) {
                Some(Refused::NoToken) => locale.text("refused-token"),
                Some(Refused::Origin | Refused::Host) => locale.text("refused-origin"),
                Some(Refused::UnknownTarget) => locale.text("refused-target"),
                Some(Refused::NotAnUpgrade) => locale.text("refused-websocket"),
                Some(Refused::TargetUnreachable | Refused::TargetTimedOut) => {
                    locale.text("refused-unreachable")
                }
                Some(Refused::TooMany) => locale.text("refused-full"),
                None => locale.text("refused-other"),
            };
            let values: [(&str, &dyn std::fmt::Display); 3] =
                [("why", &why), ("status", &refusal.status), ("reason", &refusal.reason)];
            (lost.0, lost.1, locale.fill("banner-refused", &values))
        }
        ConnectionState::Refused { answer: None } if is_simulated => {
            (lost.0, lost.1, locale.text("banner-simulated-missing").to_owned())
        }
        ConnectionState::Lost { code: close_code::NO_CLOSE_FRAME, .. } if is_simulated => {
            (lost.0, lost.1, locale.text("banner-simulated-lost").to_owned())
        }
        ConnectionState::Refused { answer: None } => {
            (lost.0, lost.1, locale.text("banner-refused-silent").to_owned())
        }
        ConnectionState::Lost { code: close_code::NO_CLOSE_FRAME, .. } => {
            (lost.0, lost.1, locale.text("banner-lost-silent").to_owned())
        }
        ConnectionState::Lost { code: NOT_TAKEN, .. } => {
            (lost.0, lost.1, locale.text("banner-not-taken").to_owned())
        }
        ConnectionState::Lost { code: UNREADABLE, .. } => {
            (lost.0, lost.1, locale.text("banner-unreadable").to_owned())
        }
        ConnectionState::Lost { code, reason } => {
            let reason = &end_reason(locale, reason);
            (lost.0, lost.1, locale.fill("banner-lost", &[("code", code), ("reason", reason)]))
        }
    };
    Some((kind, mark, text))
}
