//! Connecting, sending, receiving, and losing the connection.

use framescope_framing::HeaderFormat;
use framescope_protocol::close_code::{GOING_AWAY, NO_CLOSE_FRAME, TARGET_CLOSED};
use framescope_protocol::{DEMO_TARGET, ReadOptions, RelayInfo};
use framescope_record::{Direction, Rest};

use super::{lab, viewing};
use crate::effect::Effect;
use crate::state::{
    Connection, KEPT_CONNECTIONS, MAX_TIMES, Model, Refusal, Relay, State, parse_delay, parse_recv,
};
use crate::text::bytes::text_or_repr;

/// How many bytes of a message are read out.
const ANNOUNCED: usize = 80;

pub(super) fn relay_info_arrived(model: &mut Model, info: Option<RelayInfo>) -> Vec<Effect> {
    let Some(info) = info else {
        model.relay = Relay::Absent;
        lab::relay_changed(model);
        return vec![Effect::PollLater];
    };
    if model.link.target.as_ref().is_some_and(|name| !info.targets.contains(name)) {
        model.link.target = None;
    }
    model.relay = Relay::Known(info);
    model.is_relay_gone = false;
    lab::relay_changed(model);
    // A relay that has only now appeared takes no recording off the screen.
    let is_shown = !model.shows_recording();
    connect(model, is_shown)
}

pub(super) fn relay_polled(model: &mut Model, answers: bool) -> Vec<Effect> {
    if !answers {
        model.is_relay_gone = true;
        return vec![Effect::PollLater];
    }
    model.is_relay_gone = false;
    lab::relay_changed(model);
    if model.current().is_some_and(|connection| !connection.state.is_over()) {
        return Vec::new();
    }
    match model.relay {
        Relay::Known(_) => {
            model.relay_is_back = true;
            Vec::new()
        }
        Relay::Asked | Relay::Absent => vec![Effect::FetchRelayInfo],
    }
}

/// Opens a new connection. What the one before had is kept, where it had anything.
fn connect(model: &mut Model, is_shown: bool) -> Vec<Effect> {
    if model.relay == Relay::Absent {
        model.relay = Relay::Asked;
        return vec![Effect::FetchRelayInfo];
    }
    let number = model.next_number();
    if let Some(last) = model.current_mut() {
        if !last.state.is_over() {
            last.state = State::Closed;
        }
        if last.is_empty() {
            let empty = last.number;
            model.connections.retain(|connection| connection.number != empty);
        }
    }
    let reading = (model.format(), model.max_payload());
    let connection =
        Connection::new(number, model.target().to_owned(), model.link.read_options, reading);
    let path = model.link.with_token(&connection.read_options.bridge_path(&connection.target));
    model.connections.push(connection);
    model.relay_is_back = false;
    let mut effects = if is_shown { viewing::show_current(model) } else { Vec::new() };
    forget_oldest(model);
    effects.push(Effect::Open { number, path });
    effects
}

/// Forgets the oldest connection over the bound: not the one that may be open, and not the one on
/// screen.
pub(super) fn forget_oldest(model: &mut Model) {
    if model.connections.len() <= KEPT_CONNECTIONS {
        return;
    }
    let current = model.current().map(|current| current.number);
    let is_idle = |number: u32| Some(number) != current && number != model.shown;
    let oldest = model.connections.iter().position(|connection| is_idle(connection.number));
    if let Some(oldest) = oldest {
        model.connections.remove(oldest);
    }
}

fn current(model: &mut Model, number: u32) -> Option<&mut Connection> {
    model
        .current_mut()
        .filter(|connection| connection.number == number && !connection.state.is_over())
}

pub(super) fn opened(model: &mut Model, number: u32) -> Vec<Effect> {
    if let Some(connection) = current(model, number) {
        connection.state = State::Open;
    }
    Vec::new()
}

pub(super) fn received(model: &mut Model, number: u32, bytes: &[u8], now: f64) -> Vec<Effect> {
    let Some(connection) = current(model, number) else { return Vec::new() };
    let stream = connection.received();
    let before = stream.messages_until(stream.end()).end;
    let was_broken = matches!(stream.rest(stream.end()), Rest::Broken { .. });
    connection.record(Direction::Received, bytes, now);
    viewing::keep_in_view(model);
    let said = announcement(model, before, was_broken);
    said.map(Effect::Announce).into_iter().collect()
}

/// What is said of a chunk that arrived: the messages that it made whole, or that it broke the
/// stream. Of single bytes, nothing.
fn announcement(model: &Model, before: usize, was_broken: bool) -> Option<String> {
    let stream = model.current()?.received();
    let after = stream.messages_until(stream.end()).end;
    let locale = &model.locale;
    let mut said = Vec::new();
    if let Some(newest) = after.checked_sub(1).filter(|_| after > before) {
        let payload = stream.message(newest)?.payload.clone();
        let text = text_or_repr(stream.bytes(payload), ANNOUNCED);
        let first = before + 1;
        said.push(if first == after {
            locale.fill("announce-message", &[("number", &after), ("text", &text)])
        } else {
            let values: [(&str, &dyn std::fmt::Display); 3] =
                [("first", &first), ("last", &after), ("text", &text)];
            locale.fill("announce-messages", &values)
        });
    }
    if let Rest::Broken { error, .. } = stream.rest(stream.end())
        && !was_broken
    {
        said.push(locale.decode_error(&error));
    }
    (!said.is_empty()).then(|| said.join(". "))
}

pub(super) fn closed(model: &mut Model, number: u32, code: u16, reason: String) -> Vec<Effect> {
    let Some(connection) = current(model, number) else { return Vec::new() };
    let path = connection.read_options.bridge_path(&connection.target);
    if connection.state == State::Connecting {
        connection.state = State::Refused { answer: None };
        let path = model.link.with_token(&path);
        return vec![Effect::Diagnose { number, path }];
    }
    if code == TARGET_CLOSED {
        connection.end();
        viewing::keep_in_view(model);
        return Vec::new();
    }
    connection.state = State::Lost { code, reason };
    viewing::keep_in_view(model);
    if matches!(code, GOING_AWAY | NO_CLOSE_FRAME) { vec![Effect::PollLater] } else { Vec::new() }
}

pub(super) fn diagnosed(model: &mut Model, number: u32, answer: Option<Refusal>) -> Vec<Effect> {
    let Some(connection) = model.current_mut().filter(|current| current.number == number) else {
        return Vec::new();
    };
    let effects = if answer.is_none() { vec![Effect::PollLater] } else { Vec::new() };
    if let State::Refused { answer: unknown } = &mut connection.state {
        *unknown = answer;
    }
    effects
}

pub(super) fn recv_typed(model: &mut Model, text: &str) -> Vec<Effect> {
    let recv = parse_recv(text);
    model.bad_recv = recv.is_none();
    let recv = recv.unwrap_or(model.link.read_options.recv);
    set_read_options(model, ReadOptions { recv, ..model.link.read_options })
}

pub(super) fn delay_typed(model: &mut Model, text: &str) -> Vec<Effect> {
    let delay_ms = parse_delay(text);
    model.bad_delay = delay_ms.is_none();
    let delay_ms = delay_ms.unwrap_or(model.link.read_options.delay_ms);
    set_read_options(model, ReadOptions { delay_ms, ..model.link.read_options })
}

pub(super) fn nodelay_set(model: &mut Model, nodelay: bool) -> Vec<Effect> {
    set_read_options(model, ReadOptions { nodelay, ..model.link.read_options })
}

fn set_read_options(model: &mut Model, read_options: ReadOptions) -> Vec<Effect> {
    if read_options == model.link.read_options {
        return Vec::new();
    }
    model.link.read_options = read_options;
    reconnect_with_link(model)
}

pub(super) fn target_chosen(model: &mut Model, target: String) -> Vec<Effect> {
    let target = Some(target).filter(|name| name != DEMO_TARGET);
    if target == model.link.target {
        return Vec::new();
    }
    model.link.target = target;
    reconnect_with_link(model)
}

fn reconnect_with_link(model: &mut Model) -> Vec<Effect> {
    let mut effects = vec![set_fragment(model)];
    effects.extend(connect(model, true));
    effects
}

/// The header is the page's own affair: nothing is sent, and what arrived is read again.
/// A recording's header is its own, as [`Model::shown_format`] says.
pub(super) fn header_chosen(model: &mut Model, format: HeaderFormat) -> Vec<Effect> {
    let max_payload = model.max_payload();
    let (shown, is_recorded) = (model.shown, model.shows_recording());
    for connection in &mut model.connections {
        let is_meant =
            if is_recorded { connection.number == shown } else { !connection.is_recorded() };
        if is_meant {
            connection.record.reread(format, max_payload);
        }
    }
    viewing::forget_messages(model);
    if is_recorded {
        return Vec::new();
    }
    model.link.header = None;
    if model.format() != format {
        model.link.header = Some(format);
    }
    vec![set_fragment(model)]
}

fn set_fragment(model: &Model) -> Effect {
    Effect::SetFragment(model.fragment())
}

pub(super) fn parse_times(text: &str) -> Option<u32> {
    text.trim().parse().ok().filter(|times| (1..=MAX_TIMES).contains(times))
}

/// Sends `text` as a message, `times` over, header and payload in one send each.
pub(super) fn send(model: &mut Model, text: &str, times: u32, now: f64) -> Vec<Effect> {
    let Some(wire) = model.frame(text, times) else { return Vec::new() };
    let Some(connection) = model.current_mut().filter(|current| current.state == State::Open)
    else {
        return Vec::new();
    };
    let mut effects = Vec::new();
    for _ in 0..times {
        connection.record(Direction::Sent, &wire, now);
        effects.push(Effect::Send(wire.clone()));
    }
    effects.extend(viewing::show_current(model));
    effects
}
