//! Updates of a connection: connecting, sending, receiving, and closing.

use framescope_framing::HeaderFormat;
use framescope_protocol::close_code::{GOING_AWAY, NO_CLOSE_FRAME, TARGET_CLOSED};
use framescope_protocol::{DEMO_TARGET, ReadOptions, RelayInfo};
use framescope_record::{Direction, Record, Rest, Source};

use super::{lab, lab_channel, playback, viewing};
use crate::effect::{Bridge, Effect, Socket};
use crate::state::{
    Channel, Composer, Connection, ConnectionState, KEPT_CONNECTIONS, Link, Refusal, Relay, State,
    Tab, UNREADABLE, parse_delay, parse_recv,
};
use crate::text::bytes::text_or_repr;

/// The number of bytes of a message that are announced.
const ANNOUNCED: usize = 80;

pub(super) fn relay_info_arrived(state: &mut State, info: Option<RelayInfo>) -> Vec<Effect> {
    let Some(info) = info else {
        if matches!(state.relay, Relay::Known(_)) {
            // It has stopped to answer. What is on screen stays there.
            state.is_relay_gone = true;
            return vec![Effect::PollLater];
        }
        state.relay = Relay::Absent;
        let tab = state.tab;
        lab::relay_changed(state);
        let is_over = state.current().is_some_and(|current| current.state.is_over());
        if tab == Tab::Live && is_over && !state.shows_recording() {
            return connect(state, true);
        }
        if tab == state.tab {
            return Vec::new();
        }
        let mut effects = vec![set_fragment(state)];
        effects.extend(playback::show_by_itself(state));
        return effects;
    };
    if state.link.target.as_ref().is_some_and(|name| !info.targets.contains(name)) {
        state.link.target = None;
    }
    state.relay = Relay::Known(info);
    state.is_relay_gone = false;
    lab::relay_changed(state);
    // If a recording is on screen, it stays there.
    let is_shown = !state.shows_recording();
    let mut effects = connect(state, is_shown);
    effects.extend(lab::show_watched(state));
    effects
}

/// Asks the relay what it is, before the page connects: another one may have started since.
pub(super) fn look_for_relay(state: &mut State) -> Vec<Effect> {
    if state.relay == Relay::Absent {
        state.relay = Relay::Asked;
    }
    vec![Effect::FetchRelayInfo]
}

pub(super) fn relay_polled(state: &mut State, answers: bool) -> Vec<Effect> {
    if !answers {
        state.is_relay_gone = true;
        return vec![Effect::PollLater];
    }
    state.is_relay_gone = false;
    lab::relay_changed(state);
    if state.current().is_some_and(|connection| !connection.state.is_over()) {
        return Vec::new();
    }
    match state.relay {
        Relay::Known(_) => {
            state.relay_is_back = true;
            Vec::new()
        }
        Relay::Asked | Relay::Absent => vec![Effect::FetchRelayInfo],
    }
}

/// Without a relay, the tab Live has a simulated connection as soon as it is on screen.
pub(super) fn simulate(state: &mut State) -> Vec<Effect> {
    let is_wanted = state.relay == Relay::Absent && state.tab == Tab::Live;
    if !is_wanted || state.shows_recording() || state.current().is_some() {
        return Vec::new();
    }
    connect(state, true)
}

/// Opens a new connection. The one before is closed. It is kept if anything was sent or received.
fn connect(state: &mut State, is_shown: bool) -> Vec<Effect> {
    let number = state.next_number();
    // It goes on without a relay until one answers.
    let was_simulated = state.current().is_some_and(|current| current.source == Source::Simulated);
    if let Some(last) = state.current_mut() {
        if !last.state.is_over() {
            last.state = ConnectionState::Closed;
        }
        if last.is_empty() {
            let empty = last.number;
            state.connections.retain(|connection| connection.number != empty);
        }
    }
    let record = if state.link.is_framed {
        Record::new(state.format(), state.max_payload())
    } else {
        Record::unframed()
    };
    let (source, target) = match state.relay {
        Relay::Asked if !was_simulated => (Source::Measured, state.target()),
        Relay::Known(ref info) if !info.watched => (Source::Measured, state.target()),
        Relay::Known(_) | Relay::Asked | Relay::Absent => {
            (Source::Simulated, state.built_in_target())
        }
    };
    let path = state.link.read_options.bridge_path(target);
    let bridge = match source {
        Source::Measured => Bridge::Relay(state.link.with_token(&path)),
        Source::Simulated => Bridge::Simulated(path),
    };
    let connection =
        Connection::new(number, target.to_owned(), source, state.link.read_options, record);
    state.connections.push(connection);
    reread(state);
    state.relay_is_back = false;
    let mut effects = if is_shown { viewing::show_current(state) } else { Vec::new() };
    remove_oldest(state);
    effects.push(Effect::Open { number, bridge });
    effects
}

/// Removes the oldest connection if there are too many. Keeps the one that may be open and the one on
/// screen.
pub(super) fn remove_oldest(state: &mut State) {
    if state.connections.len() <= KEPT_CONNECTIONS {
        return;
    }
    let current = state.current().map(|current| current.number);
    let is_idle = |number: u32| Some(number) != current && number != state.shown;
    let oldest = state.connections.iter().position(|connection| is_idle(connection.number));
    if let Some(oldest) = oldest {
        state.connections.remove(oldest);
    }
}

fn current(state: &mut State, number: u32) -> Option<&mut Connection> {
    state
        .current_mut()
        .filter(|connection| connection.number == number && !connection.state.is_over())
}

pub(super) fn opened(state: &mut State, number: u32, subprotocol: &str, now: f64) -> Vec<Effect> {
    let Some(connection) = current(state, number) else { return Vec::new() };
    connection.opened(subprotocol, now);
    let is_built_in = connection.is_built_in();
    // Nobody else gets bytes that the user did not send: a link says what they are.
    let Some(first) = state.to_send.take().filter(|_| is_built_in) else { return Vec::new() };
    if first.text.is_empty() {
        return Vec::new();
    }
    write(state, &first, now)
}

pub(super) fn received(state: &mut State, number: u32, message: &[u8], now: f64) -> Vec<Effect> {
    let Some(connection) = current(state, number) else { return Vec::new() };
    let stream = connection.received();
    let before = stream.messages_until(stream.end()).end;
    let was_broken = matches!(stream.rest(stream.end()), Rest::Broken { .. });
    if let Err(error) = connection.receive(message, now) {
        connection.state = ConnectionState::Lost { code: UNREADABLE, reason: error.to_string() };
        viewing::keep_in_view(state);
        return vec![Effect::Close];
    }
    viewing::keep_in_view(state);
    let said = announcement(state, before, was_broken);
    said.map(Effect::Announce).into_iter().collect()
}

/// The announcement for chunks that arrived: the messages that they completed, and a bad header in them.
/// `None` if they have neither.
fn announcement(state: &State, before: usize, was_broken: bool) -> Option<String> {
    let stream = state.current()?.received();
    let after = stream.messages_until(stream.end()).end;
    let locale = &state.locale;
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
    match &said[..] {
        [] => None,
        [first, second] => {
            Some(locale.fill("announce-both", &[("first", first), ("second", second)]))
        }
        [one, ..] => Some(one.clone()),
    }
}

pub(super) fn closed(state: &mut State, number: u32, code: u16, reason: String) -> Vec<Effect> {
    let Some(connection) = current(state, number) else { return Vec::new() };
    let path = connection.read_options.bridge_path(&connection.target);
    if connection.state == ConnectionState::Connecting {
        connection.state = ConnectionState::Refused { answer: None };
        if connection.source == Source::Simulated {
            return Vec::new();
        }
        let path = state.link.with_token(&path);
        return vec![Effect::Diagnose { socket: Socket::Connection(number), path }];
    }
    if code == TARGET_CLOSED {
        connection.end();
        viewing::keep_in_view(state);
        return Vec::new();
    }
    connection.state = ConnectionState::Lost { code, reason };
    let is_relay = connection.source == Source::Measured;
    viewing::keep_in_view(state);
    if is_relay && matches!(code, GOING_AWAY | NO_CLOSE_FRAME) {
        vec![Effect::PollLater]
    } else {
        Vec::new()
    }
}

/// The relay has answered why a WebSocket did not open.
pub(super) fn diagnosed(state: &mut State, socket: Socket, answer: Option<Refusal>) -> Vec<Effect> {
    let number = match socket {
        Socket::Connection(number) => number,
        Socket::Lab(number) => return lab_channel::diagnosed(state, number, answer),
    };
    let Some(connection) = state.current_mut().filter(|current| current.number == number) else {
        return Vec::new();
    };
    let effects = if answer.is_none() { vec![Effect::PollLater] } else { Vec::new() };
    if let ConnectionState::Refused { answer: unknown } = &mut connection.state {
        *unknown = answer;
    }
    effects
}

pub(super) fn recv_typed(state: &mut State, text: &str) -> Vec<Effect> {
    let recv = parse_recv(text);
    state.bad_recv = recv.is_none();
    let recv = recv.unwrap_or(state.link.read_options.recv);
    set_read_options(state, ReadOptions { recv, ..state.link.read_options })
}

pub(super) fn delay_typed(state: &mut State, text: &str) -> Vec<Effect> {
    let delay_ms = parse_delay(text);
    state.bad_delay = delay_ms.is_none();
    let delay_ms = delay_ms.unwrap_or(state.link.read_options.delay_ms);
    set_read_options(state, ReadOptions { delay_ms, ..state.link.read_options })
}

pub(super) fn nodelay_set(state: &mut State, nodelay: bool) -> Vec<Effect> {
    set_read_options(state, ReadOptions { nodelay, ..state.link.read_options })
}

/// Takes the settings of a link, and connects again if they are others. With a new token a connection that was
/// refused is opened again.
pub(super) fn follow_link(state: &mut State, link: Link, token: Option<String>) -> Vec<Effect> {
    if state.relay == Relay::Asked {
        let token = token.or_else(|| state.link.token.take());
        let lessons = std::mem::take(&mut state.link.lessons);
        state.link = Link { token, lessons, ..link };
        return Vec::new();
    }
    let is_there = |name: &String| match &state.relay {
        Relay::Known(info) => info.targets.contains(name),
        Relay::Asked | Relay::Absent => true,
    };
    let target = link.target.filter(is_there);
    let is_refused = state.current().is_some_and(|current| current.state.is_over());
    state.link.has_lists = link.has_lists;
    let is_other = link.read_options != state.link.read_options
        || link.is_framed != state.link.is_framed
        || target != state.link.target
        || (is_refused && token.is_some() && token != state.link.token);
    state.link.read_options = link.read_options;
    state.link.target = target;
    state.link.is_framed = link.is_framed;
    state.to_send = Some(link.first_send.clone());
    state.link.first_send = link.first_send;
    if token.is_some() && matches!(state.lab.channel, Channel::Refused { .. }) {
        state.lab.channel = Channel::Absent;
    }
    state.link.token = token.or_else(|| state.link.token.take());
    if (link.header, link.write_header) != (state.link.header, state.link.write_header) {
        state.link.header = link.header;
        state.link.write_header = link.write_header;
        reread(state);
    }
    let is_shown = !state.shows_recording();
    if is_other && state.current().is_some() { connect(state, is_shown) } else { Vec::new() }
}

/// Decodes the bytes of the page's own connections again.
fn reread(state: &mut State) {
    let (format, write_format) = (state.format(), state.write_format());
    let max_payload = state.max_payload();
    for connection in state.connections.iter_mut().filter(|connection| !connection.is_recorded()) {
        connection.record.reread(Direction::Received, format, max_payload);
        connection.record.reread(Direction::Sent, write_format, max_payload);
    }
    viewing::clear_selected_message(state);
}

fn set_read_options(state: &mut State, read_options: ReadOptions) -> Vec<Effect> {
    if read_options == state.link.read_options {
        return Vec::new();
    }
    state.link.read_options = read_options;
    send_again(state);
    reconnect_with_link(state)
}

/// What was sent last is sent again when the next connection opens, so that the same bytes are seen under other options.
fn send_again(state: &mut State) {
    if state.last_sent.is_some() {
        state.to_send.clone_from(&state.last_sent);
    }
}

/// With or without headers: each has its own server, and its own connection.
pub(super) fn framing_chosen(state: &mut State, is_framed: bool) -> Vec<Effect> {
    if is_framed == state.link.is_framed && state.shows_current() {
        return Vec::new();
    }
    state.link.is_framed = is_framed;
    send_again(state);
    // A server without headers knows no commands.
    let is_command = |send: &Composer| send.text.starts_with('/');
    if state.to_send.as_ref().is_none_or(is_command) {
        state.to_send = Some(state.link.first_send.clone());
    }
    reconnect_with_link(state)
}

pub(super) fn lists_chosen(state: &mut State, has_lists: bool) -> Vec<Effect> {
    state.link.has_lists = has_lists;
    vec![set_fragment(state)]
}

pub(super) fn target_chosen(state: &mut State, target: String) -> Vec<Effect> {
    let target = Some(target).filter(|name| name != DEMO_TARGET);
    if target == state.link.target {
        return Vec::new();
    }
    state.link.target = target;
    reconnect_with_link(state)
}

fn reconnect_with_link(state: &mut State) -> Vec<Effect> {
    let mut effects = vec![set_fragment(state)];
    effects.extend(connect(state, true));
    effects
}

/// Changes the format in which headers are read, and decodes the received bytes again. The relay does not know the
/// format, so nothing is sent to it. See [`State::shown_format`] for recordings.
pub(super) fn header_chosen(state: &mut State, format: HeaderFormat) -> Vec<Effect> {
    let max_payload = state.max_payload();
    if state.shows_recording() {
        let shown = state.shown;
        let recording = state.connections.iter_mut().find(|connection| connection.number == shown);
        if let Some(recording) = recording {
            recording.record.reread(Direction::Received, format, max_payload);
            recording.record.reread(Direction::Sent, format, max_payload);
        }
        viewing::clear_selected_message(state);
        return Vec::new();
    }
    set_formats(state, format, state.write_format())
}

/// Changes the format in which headers are written, and decodes the sent bytes again.
pub(super) fn write_header_chosen(state: &mut State, format: HeaderFormat) -> Vec<Effect> {
    set_formats(state, state.format(), format)
}

fn set_formats(state: &mut State, read: HeaderFormat, write: HeaderFormat) -> Vec<Effect> {
    state.link.header = None;
    if state.format() != read {
        state.link.header = Some(read);
    }
    state.link.write_header = Some(write).filter(|write| *write != read);
    reread(state);
    vec![set_fragment(state)]
}

fn set_fragment(state: &State) -> Effect {
    Effect::SetFragment(state.fragment())
}

/// Sends what is in the composer.
pub(super) fn send(state: &mut State, now: f64) -> Vec<Effect> {
    let send = state.composer.clone();
    write(state, &send, now)
}

/// Sends a text as a message, as often as it says. Each time the header and the payload are in one send.
fn write(state: &mut State, send: &Composer, now: f64) -> Vec<Effect> {
    let Some(times) = send.times.filter(|times| *times > 0) else { return Vec::new() };
    let Some(wire) = state.frame(&send.text, times).filter(|wire| !wire.is_empty()) else {
        return Vec::new();
    };
    let Some(connection) =
        state.current_mut().filter(|current| current.state == ConnectionState::Open)
    else {
        return Vec::new();
    };
    for _ in 0..times {
        connection.send(&wire, now);
    }
    state.last_sent = Some(send.clone());
    let mut effects = vec![Effect::Send { message: wire, times }];
    effects.extend(viewing::show_current(state));
    effects
}
