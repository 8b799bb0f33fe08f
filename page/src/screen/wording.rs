//! The texts for calls, values and errors, in the user's language.

use framescope_lab::{BlockedOn, Call, CallError, Rung, RungKind, Side, Value, rung};
use framescope_record::Data;

use crate::state::State;
use crate::text::Locale;
use crate::text::bytes::{python_repr, text_or_repr};

/// The number of bytes that a rung of the ladder shows.
const PREVIEW: usize = 24;
/// The number of characters of a call that a rung shows.
const CALL: usize = 30;

/// The name of a side. If there are several clients, each has its number.
#[must_use]
pub fn side_name(state: &State, side: Side) -> String {
    let locale = &state.locale;
    match side {
        Side::SERVER => locale.text("server").to_owned(),
        _ if state.lab.experiment.clients.len() == 1 => locale.text("client").to_owned(),
        Side(number) => locale.fill("client-number", &[("number", &number)]),
    }
}

/// The text for the value that a call returned, with at most `limit` bytes of it. `None` if the call
/// returns no value.
#[must_use]
pub fn value_text(locale: &Locale, value: &Value, limit: usize) -> Option<String> {
    match value {
        Value::Nothing => None,
        Value::Bytes(data) if data.0.is_empty() => Some(locale.text("value-end").to_owned()),
        Value::Bytes(data) => Some(bytes_text(locale, data, limit)),
        Value::Message(data) => Some(text_or_repr(&data.0, limit)),
        Value::EndOfStream => Some(locale.text("value-end").to_owned()),
        Value::Error(error) => Some(format!("✕ {}", error_text(locale, error))),
    }
}

/// Bytes as Python prints them, and as text if they are not ASCII. If they were cut inside a character,
/// the text says so.
fn bytes_text(locale: &Locale, data: &Data, limit: usize) -> String {
    let repr = python_repr(&data.0, limit);
    match std::str::from_utf8(&data.0) {
        Ok(text) if !text.is_ascii() => format!("{repr}  {}", text_or_repr(&data.0, limit)),
        Err(_) if is_cut_text(&data.0) => format!("✕ {} {repr}", locale.text("value-half")),
        _ => repr,
    }
}

/// Whether the bytes are UTF-8 text that was cut inside a character, at the beginning or at the end.
fn is_cut_text(bytes: &[u8]) -> bool {
    let is_continuation = |byte: &&u8| (0x80..0xc0).contains(*byte);
    let (_, body) = bytes.split_at(bytes.iter().take(3).take_while(is_continuation).count());
    std::str::from_utf8(body).map_or_else(|error| error.error_len().is_none(), |_| true)
}

fn error_text(locale: &Locale, error: &CallError) -> String {
    match error {
        CallError::Errno(errno) => errno.to_string(),
        CallError::ShortHeader { got } => locale.fill("error-short-header", &[("got", got)]),
        CallError::Truncated { missing } => locale.fill("error-truncated", &[("missing", missing)]),
        CallError::Negative { declared } => {
            locale.fill("error-declared-negative", &[("number", declared)])
        }
        CallError::TooLong { declared, limit } => {
            locale.fill("error-declared-too-long", &[("number", declared), ("limit", limit)])
        }
    }
}

/// The text for what a blocked call waits for.
#[must_use]
pub fn waits_for(locale: &Locale, on: BlockedOn) -> &str {
    match on {
        BlockedOn::Handshake => locale.text("waits-handshake"),
        BlockedOn::Client => locale.text("waits-client"),
        BlockedOn::Bytes => locale.text("waits-bytes"),
        BlockedOn::BufferSpace => locale.text("waits-buffer-space"),
        BlockedOn::Clock => locale.text("waits-clock"),
    }
}

/// The text of a rung of the ladder.
#[must_use]
pub fn rung_text(state: &State, rung: &Rung<'_>) -> String {
    let locale = &state.locale;
    let text = match &rung.what {
        RungKind::Done(call) => line(state, rung.side, *call),
        RungKind::Waits(call, on) => {
            format!("‖ {} · {}", line(state, rung.side, *call), waits_for(locale, *on))
        }
        RungKind::Accepted(client) => {
            let client = client.map_or_else(
                || locale.text("unknown-client").to_owned(),
                |client| side_name(state, client),
            );
            locale.fill("rung-accepted", &[("client", &client)])
        }
        RungKind::Sent(call, data) => {
            let text = line(state, rung.side, *call);
            let program = state.lab.trace.experiment.program(rung.side);
            let call = program.and_then(|program| program.0.get(*call));
            if call.is_some_and(Call::sends_header) {
                format!("{text} {}", python_repr(&data.0, PREVIEW))
            } else {
                text
            }
        }
        RungKind::Received(asked, data) => {
            format!("recv({asked}) → {} {}", data.0.len(), python_repr(&data.0, PREVIEW))
        }
        RungKind::Message(data) => format!("= {}", text_or_repr(&data.0, PREVIEW)),
        RungKind::EndOfStream => format!("= {}", locale.text("value-end")),
        RungKind::Failed(call, error) => {
            format!("{} ✕ {}", line(state, rung.side, *call), error_text(locale, error))
        }
    };
    if state.lab.trace.experiment.clients.len() > 1 && rung.side != Side::SERVER {
        format!("{}: {text}", rung.side.0)
    } else {
        text
    }
}

/// The side and the text of the last rung of the ladder. `None` if the ladder is empty.
#[must_use]
pub fn last_rung_text(state: &State) -> Option<String> {
    let trace = &state.lab.trace;
    let rung = rung(&trace.experiment, &trace.events, *state.lab.rungs.last()?)?;
    Some(format!("{}: {}", side_name(state, rung.side), rung_text(state, &rung)))
}

/// A call as Python, cut if it is longer than [`CALL`] characters.
fn line(state: &State, side: Side, call: usize) -> String {
    let program = state.lab.trace.experiment.program(side);
    let line = program.map(|program| program.line(side, call)).unwrap_or_default();
    // The column of the ladder shows whose socket it is.
    let own = ["client.", "conn.", "server."];
    let line = own.iter().find_map(|own| line.strip_prefix(own)).unwrap_or(&line);
    if line.chars().count() > CALL {
        line.chars().take(CALL - 1).chain(['…']).collect()
    } else {
        line.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cut_inside_a_character_is_recognized_and_other_bytes_are_not() {
        let word = "你好".as_bytes();
        for cut in [&word[..4], &word[4..], &word[1..], &word[..5]] {
            assert!(is_cut_text(cut), "{cut:?}");
        }
        for bytes in [&b"\xff\xff\xff\xff"[..], b"\x80\x80\x80\x80", b"\xc3("] {
            assert!(!is_cut_text(bytes), "{bytes:?}");
        }
    }
}
