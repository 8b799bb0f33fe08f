//! The texts of the ladder diagram: its rungs, and what crosses between the sides, such as a segment that was lost.

use std::fmt::Display;
use std::ops::Range;

use framescope_lab::{Crossing, Ended, EventKind, Fate, Flags, Rung, Segment};
use framescope_syscall::{Returned, Syscall, errno};

use super::wording::{PREVIEW, call_text, ended_text, program_name, waits_for};
use crate::state::State;
use crate::text::Locale;
use crate::text::bytes::{python_repr, text_or_repr};

/// The most calls that are named as the senders of a segment.
const SENDERS: usize = 3;

/// The text of a rung of the ladder, and its kind in the style sheet.
#[must_use]
pub fn rung_text(state: &State, rung: &Rung) -> (String, Option<&'static str>) {
    let events = &state.lab.shown_trace().events;
    let Some(event) = events.get(rung.event) else { return (String::new(), None) };
    let call = rung.call.and_then(|call| events.get(call)).and_then(|event| {
        if let EventKind::Called(call, _) = &event.kind { Some(call) } else { None }
    });
    let locale = &state.locale;
    match (&event.kind, call) {
        (EventKind::Blocked(on), Some(call)) => {
            (format!("‖ {} · {}", call_text(call), waits_for(locale, *on)), Some("waits"))
        }
        (EventKind::Returned(returned), Some(call)) => returned_text(state, call, returned),
        (EventKind::Ended(Ended::Exception(exception)), _) => {
            (format!("✕ {}", exception.shown), Some("error"))
        }
        (EventKind::Ended(ended), _) => (ended_text(locale, ended), Some("error")),
        _ => (String::new(), None),
    }
}

fn returned_text(
    state: &State,
    call: &Syscall,
    returned: &Returned,
) -> (String, Option<&'static str>) {
    let locale = &state.locale;
    let name = call_text(call);
    match returned {
        Returned::Received(data) if data.0.is_empty() => {
            (format!("{name} → b'' {}", locale.text("value-end")), Some("end"))
        }
        Returned::Received(data) => {
            let text = match std::str::from_utf8(&data.0) {
                Ok(text) if !text.is_ascii() => {
                    format!("{name} → {} {}", data.0.len(), text_or_repr(&data.0, PREVIEW))
                }
                Ok(_) | Err(_) => {
                    format!("{name} → {} {}", data.0.len(), python_repr(&data.0, PREVIEW))
                }
            };
            (text, None)
        }
        Returned::Sent(count) => {
            let is_part = matches!(call, Syscall::Send { bytes, .. }
                if (*count as usize) < bytes.0.len());
            (if is_part { format!("{name} → {count}") } else { name }, None)
        }
        Returned::Accepted { peer, .. } => {
            let connection = state
                .lab
                .shown_timeline()
                .connections()
                .iter()
                .rfind(|connection| connection.client_address == *peer);
            let client = connection.and_then(|connection| connection.client);
            let client = client
                .map_or_else(|| peer.to_string(), |client| program_name(state, client).to_owned());
            (locale.fill("rung-accepted", &[("client", &client)]), None)
        }
        Returned::Failed(number) => {
            let failed = errno::find(*number).map_or("", |errno| errno.name);
            (format!("{name} ✕ {failed}: {}", errno::message(*number)), Some("error"))
        }
        Returned::TimedOut => (format!("{name} ✕ {}", locale.text("timed-out")), Some("error")),
        Returned::Done
        | Returned::Opened(_)
        | Returned::Option(_)
        | Returned::Address(_)
        | Returned::Ready(_)
        | Returned::Time(_) => (name, None),
    }
}

/// What crosses between the sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrossingLabel {
    /// What it is.
    pub text: String,
    /// What else is known of it.
    pub details: String,
    /// Whether it goes to the server. `None` if it goes both ways.
    pub to_server: Option<bool>,
    /// Whether it was derived from the call, and not captured.
    pub is_derived: bool,
}

/// The label of what crosses between the sides at a rung. `None` if nothing does.
#[must_use]
pub fn crossing_label(state: &State, rung: &Rung) -> Option<CrossingLabel> {
    let lab = &state.lab;
    let event = lab.shown_trace().events.get(rung.event)?;
    let from_client = Some(!lab.is_server(event.program));
    let (text, to_server, is_derived) = match rung.crossing? {
        Crossing::Segment(number) => {
            let EventKind::Segment(segment) = &event.kind else { return None };
            let history = lab.shown_timeline().segments().get(usize::try_from(number).ok()?)?;
            let fate = history.fate(state.event().unwrap_or(usize::MAX));
            let number = state.event().unwrap_or(usize::MAX);
            let mut text = segment_text(&state.locale, segment, fate);
            if history.is_doubled(number) {
                text.push_str(" ×2");
            }
            if history.is_overtaken(number) {
                text.push_str(" ⇣");
            }
            let details = segment_details(state, segment, fate);
            let to_server = Some(history.to_server);
            return Some(CrossingLabel { text, details, to_server, is_derived: false });
        }
        Crossing::Bytes(bytes) => (bytes_text(&state.locale, bytes.into()), from_client, true),
        Crossing::Handshake => ("SYN · SYN-ACK · ACK".to_owned(), None, true),
        Crossing::Fin => ("FIN".to_owned(), from_client, true),
        Crossing::Reset => ("RST".to_owned(), from_client, true),
    };
    let details = if is_derived { state.locale.text("crossing-derived") } else { "" };
    Some(CrossingLabel { text, details: details.to_owned(), to_server, is_derived })
}

fn bytes_text(locale: &Locale, bytes: u64) -> String {
    locale.fill("crossing-bytes", &[("bytes", &bytes)])
}

/// What a segment is, and what has become of it.
fn segment_text(locale: &Locale, segment: &Segment, fate: Option<Fate>) -> String {
    let mut parts = Vec::new();
    if segment.repeats.is_some() {
        parts.push("↻".to_owned());
    }
    let shown = [Flags::SYN, Flags::FIN, Flags::RST].into_iter();
    parts.extend(shown.filter(|flag| segment.flags.has(*flag)).map(|flag| flag.to_string()));
    if segment.length() > 0 {
        parts.push(bytes_text(locale, segment.length()));
    } else if let Some(ack) = segment.ack.filter(|_| !segment.flags.has(Flags::RST)) {
        parts.push(format!("ACK {ack}"));
    }
    if segment.window == 0 && !segment.flags.has(Flags::RST) {
        parts.push("win 0".to_owned());
    }
    match fate {
        Some(Fate::Held | Fate::Copied) => parts.push("‖".to_owned()),
        Some(Fate::Dropped | Fate::Overflowed) => parts.push("✕".to_owned()),
        Some(Fate::Delivered) | None => {}
    }
    parts.join(" ")
}

/// The numbers of a segment, the calls that have sent its bytes, and why it was lost if nobody wanted that.
fn segment_details(state: &State, segment: &Segment, fate: Option<Fate>) -> String {
    let range = |range: &Range<u64>| format!("{}:{}", range.start, range.end);
    let end = segment.seq + segment.length();
    let mut parts = vec![format!("seq {}", range(&(segment.seq..end)))];
    parts.extend(segment.ack.map(|ack| format!("ack {ack}")));
    parts.push(format!("win {}", segment.window));
    parts.extend(segment.sack.iter().map(|sack| format!("sack {}", range(sack))));
    let flow = state.lab.shown_timeline().flow_of(segment);
    let senders = flow.into_iter().flat_map(|flow| flow.senders(segment.payload.clone()));
    for event in senders.take(SENDERS).filter_map(|call| state.lab.shown_trace().events.get(call)) {
        let EventKind::Called(call, _) = &event.kind else { continue };
        let program = state.lab.shown_trace().experiment.programs.get(event.program);
        let file = program.map_or("", |program| program.file.as_str());
        let call = call_text(call);
        let values: [(&str, &dyn Display); 3] =
            [("file", &file), ("line", &event.line), ("call", &call)];
        parts.push(state.locale.fill("segment-sender", &values));
    }
    if fate == Some(Fate::Overflowed) {
        parts.push(state.locale.text("segment-overflowed").to_owned());
    }
    parts.join(" · ")
}

/// The program and the text of the last rung of the ladder after `first` events, segments apart: what TCP does by itself
/// would be said over what a call returned. `None` if there is none.
#[must_use]
pub fn last_rung_text(state: &State, first: usize) -> Option<String> {
    let is_segment = |rung: &&Rung| matches!(rung.crossing, Some(Crossing::Segment(_)));
    let mut rungs = state.lab.shown_timeline().rungs().iter().rev();
    let rung = rungs.find(|rung| !is_segment(rung)).filter(|rung| rung.event >= first)?;
    let program = state.lab.shown_trace().events.get(rung.event)?.program;
    let text = match crossing_label(state, rung) {
        Some(label) if rung.call.is_none() => label.text,
        Some(_) | None => rung_text(state, rung).0,
    };
    Some(format!("{}: {text}", program_name(state, program)))
}
