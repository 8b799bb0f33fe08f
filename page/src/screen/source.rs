//! Where the bytes on screen come from, in a sentence.

use framescope_protocol::DEMO_TARGET;
use framescope_record::Source as Kernel;

use crate::state::{Connection, ConnectionState, Relay, State, Tab};

/// Where the bytes on screen come from: the name of the kind, for its colour, and a sentence.
#[must_use]
pub fn source(state: &State) -> (&'static str, String) {
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
    if state.is_watching() && !lab.is_imported {
        return ("open", locale.text("source-watched").to_owned());
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
        if state.relay == Relay::Asked {
            return ("connecting", locale.text("source-asked").to_owned());
        }
        return ("absent", locale.text("source-absent").to_owned());
    };
    let address = match &state.relay {
        Relay::Known(info) if connection.target == DEMO_TARGET => {
            info.tcp_address.as_ref().unwrap_or(&connection.target)
        }
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
