//! Where the bytes on screen come from, what became of the connection, and why a file did not open.

use framescope_page::state::{Connection, Line, Model, NOT_TAKEN, Relay, Room, State};
use framescope_protocol::{DEMO_TARGET, Refused, close_code};
use framescope_record::Source as Kernel;
use web_sys::{Element, HtmlElement};

use super::dom::{set_attribute, set_text};
use crate::browser::element;

pub(super) struct Source {
    status: Element,
    text: Element,
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
            banner: element("banner"),
            banner_mark: element("banner-mark"),
            banner_text: element("banner-text"),
            reconnect: element("reconnect"),
            file_problem: element("file-problem"),
        }
    }

    pub(super) fn render(&self, model: &Model) {
        let (state, text) = source(model);
        set_attribute(&self.status, "data-state", Some(state));
        set_text(&self.text, &text);
        let banner = banner(model);
        self.banner.set_hidden(banner.is_none());
        if let Some((kind, mark, text)) = banner {
            set_attribute(&self.banner, "data-kind", Some(kind));
            set_text(&self.banner_mark, mark);
            set_text(&self.banner_text, &text);
        }
        // There is nothing to connect a recording to again, and a new connection ends the open one.
        self.reconnect.set_hidden(model.room == Room::Live && model.shows_recording());
        self.file_problem.set_hidden(model.file_problem.is_none());
        set_text(&self.file_problem, model.file_problem.as_deref().unwrap_or_default());
    }
}

fn source(model: &Model) -> (&'static str, String) {
    match model.room {
        Room::Live => live_source(model),
        Room::Lab => lab_source(model),
    }
}

fn lab_source(model: &Model) -> (&'static str, String) {
    let locale = &model.locale;
    let lab = &model.lab;
    let text = match (lab.is_imported, lab.trace.source) {
        (true, Kernel::Measured) => locale.text("source-imported-measured"),
        (true, Kernel::Simulated) => locale.text("source-imported-simulated"),
        (false, Kernel::Measured) => locale.text("source-lab-measured"),
        (false, Kernel::Simulated) if model.has_lab() => locale.text("source-lab-choice"),
        (false, Kernel::Simulated) => locale.text("source-lab-simulated"),
    };
    let state = if lab.trace.source == Kernel::Measured { "open" } else { "simulated" };
    (state, text.to_owned())
}

fn live_source(model: &Model) -> (&'static str, String) {
    let locale = &model.locale;
    let Some(connection) = model.connection() else {
        return ("absent", locale.text("source-absent").to_owned());
    };
    let address = match &model.relay {
        Relay::Known(info) if connection.target == DEMO_TARGET => &info.tcp_address,
        Relay::Asked | Relay::Known(_) | Relay::Absent => &connection.target,
    };
    let number = &connection.number;
    match &connection.state {
        State::Recorded { .. } => {
            let values: [(&str, &dyn std::fmt::Display); 2] =
                [("target", &connection.target), ("number", number)];
            ("recorded", locale.fill("source-recorded", &values))
        }
        State::Connecting => {
            ("connecting", locale.fill("source-connecting", &[("address", address)]))
        }
        State::Open => {
            ("open", locale.fill("source-measured", &[("address", address), ("number", number)]))
        }
        State::Refused { .. } => ("over", locale.fill("source-refused", &[("address", address)])),
        State::EndOfStream | State::Closed | State::Lost { .. } => {
            ("over", locale.fill("source-closed", &[("address", address), ("number", number)]))
        }
    }
}

/// What to say above everything else: its kind, its sign and its words.
fn banner(model: &Model) -> Option<(&'static str, &'static str, String)> {
    let locale = &model.locale;
    if model.room == Room::Live
        && let Some(State::Recorded { end }) = model.connection().map(|shown| &shown.state)
    {
        return Some(("end", "∎", locale.fill("banner-recorded", &[("end", end)])));
    }
    if model.relay == Relay::Absent {
        return Some(match model.room {
            Room::Live => ("error", "✕", locale.text("banner-absent").to_owned()),
            Room::Lab => ("quiet", "", locale.text("banner-absent-lab").to_owned()),
        });
    }
    if model.room == Room::Lab {
        return match &model.lab.line {
            _ if model.is_relay_gone => {
                Some(("error", "✕", locale.text("banner-lab-gone").to_owned()))
            }
            Line::Lost { reason } => {
                let text = locale.fill("banner-lab-lost", &[("reason", reason)]);
                Some(("error", "✕", text))
            }
            _ if model.lab.is_cut_off() && !model.lab.is_imported => {
                Some(("quiet", "", locale.text("banner-lab-cut").to_owned()))
            }
            Line::Absent | Line::Opening(_) | Line::Open => None,
        };
    }
    let connection: &Connection = model.connection()?;
    let lost = ("error", "✕");
    let (kind, mark, text) = match &connection.state {
        State::Connecting | State::Open | State::Recorded { .. } => return None,
        State::Closed => ("quiet", "", locale.text("banner-closed").to_owned()),
        State::EndOfStream => ("end", "∎", locale.text("banner-end").to_owned()),
        _ if model.relay_is_back && model.shows_current() => {
            ("end", "↻", locale.text("banner-back").to_owned())
        }
        State::Refused { answer: Some(refusal) } => {
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
        State::Refused { answer: None } => {
            (lost.0, lost.1, locale.text("banner-refused-silent").to_owned())
        }
        State::Lost { code: close_code::NO_CLOSE_FRAME, .. } => {
            (lost.0, lost.1, locale.text("banner-lost-silent").to_owned())
        }
        State::Lost { code: NOT_TAKEN, .. } => {
            (lost.0, lost.1, locale.text("banner-not-taken").to_owned())
        }
        State::Lost { code, reason } => {
            (lost.0, lost.1, locale.fill("banner-lost", &[("code", code), ("reason", reason)]))
        }
    };
    Some((kind, mark, text))
}
