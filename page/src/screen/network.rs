//! What is said of the network that the programs run on.

use framescope_lab::{Crossing, Fate, Network, NoWire, NoWireReason, Rung, Variant, WireSetup};
use framescope_record::Source;

use crate::state::{Lab, Link, State};
use crate::text::Locale;

/// What is said below the ladder if no segment was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingWire {
    /// Why, in a sentence.
    pub reason: String,
    /// What to do about it: commands to copy, for the machine of the relay.
    pub remedy: Option<String>,
}

/// What the arrows of the ladder are.
#[must_use]
pub fn ladder_note(state: &State) -> &str {
    let lab = &state.lab;
    let has_segments = !lab.shown_timeline().segments().is_empty();
    let has_wire = match lab.shown_trace().network {
        Network::Wire | Network::Shared => true,
        Network::Loopback(_) | Network::Unknown => has_segments,
    };
    match lab.shown_trace().source {
        Source::Measured if has_wire => state.locale.text("ladder-captured"),
        Source::Simulated if has_wire => state.locale.text("ladder-simulated"),
        Source::Measured | Source::Simulated => state.locale.text("ladder-note"),
    }
}

/// Why no segment was seen, if that is known.
#[must_use]
pub fn missing_wire(state: &State) -> Option<MissingWire> {
    match &state.lab.shown_trace().network {
        Network::Loopback(why) => {
            let reason = reason(&state.locale, why);
            let reason = state.locale.fill("no-wire", &[("reason", &reason)]);
            Some(MissingWire { reason, remedy: why.remedy.clone() })
        }
        Network::Wire | Network::Shared | Network::Unknown => None,
    }
}

fn reason<'a>(locale: &'a Locale, why: &NoWire) -> &'a str {
    match why.reason {
        NoWireReason::NotLinux => locale.text("no-wire-not-linux"),
        NoWireReason::Off => locale.text("no-wire-off"),
        NoWireReason::Namespaces | NoWireReason::Settings => locale.text("no-wire-namespaces"),
        NoWireReason::Tun => locale.text("no-wire-tun"),
        NoWireReason::Silent => locale.text("no-wire-silent"),
        NoWireReason::Right => locale.text("no-wire-right"),
    }
}

/// Whether segments can be held: unless it is known that there is no wire.
#[must_use]
pub fn can_hold(state: &State) -> bool {
    let lab = &state.lab;
    let has_wire = match lab.shown_trace().network {
        Network::Wire => true,
        Network::Shared | Network::Loopback(_) => false,
        Network::Unknown => lab.shown_trace().events.is_empty(),
    };
    has_wire && !lab.is_imported
}

/// The wire of the next run: that of the link, or else that of the experiment.
pub(crate) fn wire_setup<'a>(link: &'a Link, lab: &'a Lab) -> &'a WireSetup {
    link.lessons.wire.as_ref().unwrap_or(&lab.experiment.wire)
}

/// What happens on the wire, in words that can be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireWords {
    /// The words.
    pub text: String,
    /// What is wrong with them, in a sentence.
    pub problem: Option<String>,
    /// What is to be known about them, in a sentence.
    pub note: Option<String>,
}

/// What happens on the wire, in words.
#[must_use]
pub fn wire_words(state: &State) -> WireWords {
    if let Some((text, error)) = &state.link.lessons.no_wire {
        let problem = state.locale.fill("wire-words-problem", &[("part", &error.part())]);
        return WireWords { text: text.clone(), problem: Some(problem), note: None };
    }
    let lab = &state.lab;
    let (setup, of_run) = (wire_setup(&state.link, lab), &lab.shown_trace().experiment.wire);
    let lasting = |setup: &WireSetup| (setup.mtu, setup.latency_us, setup.seed);
    let is_for_later = !lab.shown_trace().events.is_empty() && lasting(setup) != lasting(of_run);
    let note = is_for_later.then(|| state.locale.text("wire-words-later").to_owned());
    WireWords { text: setup.to_string(), problem: None, note }
}

/// The lesson whose recorded trace can be shown: the one that is on screen, unless its own run has every segment of real
/// sockets.
#[must_use]
pub fn recorded_variant(state: &State) -> Option<&'static Variant> {
    let lab = &state.lab;
    let has_wire = match lab.shown_trace().network {
        Network::Wire | Network::Shared => lab.shown_trace().source == Source::Measured,
        Network::Loopback(_) => false,
        Network::Unknown => lab.source == Source::Measured,
    };
    lab.variant.filter(|_| lab.is_own && !lab.is_imported && !has_wire)
}

/// The number of a rung's segment, if the user can say now what becomes of it.
#[must_use]
pub fn held_segment(state: &State, rung: &Rung) -> Option<u32> {
    let Some(Crossing::Segment(number)) = rung.crossing else { return None };
    let lab = &state.lab;
    if state.event().is_some() || lab.is_over() || lab.is_imported {
        return None;
    }
    let history = lab.shown_timeline().segments().get(usize::try_from(number).ok()?)?;
    let is_held = matches!(history.fate(usize::MAX), Some(Fate::Held | Fate::Copied));
    is_held.then_some(number)
}
