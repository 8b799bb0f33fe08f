//! The calls of a picture: what each is, and what came of it.

use framescope_lab::{CallHistory, Event, EventKind};
use framescope_syscall::{BlockedOn, Returned, Syscall, errno};

use crate::screen::drawing::TEXT;
use crate::screen::wording::{call_text, program_name, waits_for};
use crate::state::State;
use crate::text::bytes::short_text;
use crate::text::bytes::{duration, hex};
use crate::text::fit::{cut, wrap};

/// The lines of a label of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CallLabel {
    /// What it is. Empty if the label is only about what came of it.
    pub(super) call: String,
    /// What it waits for, or what came of it.
    pub(super) more: Vec<String>,
    /// Whether it has failed.
    pub(super) has_failed: bool,
}

impl CallLabel {
    /// The number of its lines.
    pub(super) fn lines(&self) -> usize {
        usize::from(!self.call.is_empty()) + self.more.len()
    }
}

/// The label where a call is made, after `number` events.
pub(super) fn made(state: &State, call: &CallHistory, number: usize, width: f32) -> CallLabel {
    let events = &state.lab.shown_trace().events;
    let Some((event, syscall)) = called(events, call) else { return CallLabel::default() };
    let name = named(state, event.program, written(state, event, syscall));
    let returned = returned(events, call).filter(|(at, _)| *at < number);
    let blocked = call.blocked.filter(|event| *event < number);
    match (blocked, returned) {
        (None, Some((_, returned))) => {
            let (result, has_failed) = result(state, returned);
            let one_line = format!("{name} {result}");
            if result.is_empty() {
                return CallLabel { call: cut(&name, TEXT, width), ..CallLabel::default() };
            }
            if matches!(returned, Returned::Sent(_)) && cut(&one_line, TEXT, width) == one_line {
                return CallLabel { call: one_line, ..CallLabel::default() };
            }
            let more = vec![cut(&result, TEXT, width)];
            CallLabel { call: cut(&name, TEXT, width), more, has_failed }
        }
        (Some(blocked), None) => {
            let waits = waits(events, blocked)
                .map_or_else(Vec::new, |on| wrap(waits_for(&state.locale, on), TEXT, width));
            CallLabel { call: cut(&name, TEXT, width), more: waits, has_failed: false }
        }
        (Some(_), Some(_)) | (None, None) => {
            CallLabel { call: cut(&name, TEXT, width), ..CallLabel::default() }
        }
    }
}

/// The label where a call that has waited returns. With its name, if the call itself is folded.
pub(super) fn came_back(
    state: &State,
    call: &CallHistory,
    width: f32,
    is_folded: bool,
) -> CallLabel {
    let events = &state.lab.shown_trace().events;
    let Some((_, returned)) = returned(events, call) else {
        return CallLabel::default();
    };
    let (result, has_failed) = result(state, returned);
    let result = if result.is_empty() {
        let time = |event: usize| events.get(event).map_or(0, |event| event.at);
        let waited = call.returned.map_or(0, time).saturating_sub(time(call.called));
        state.locale.fill("picture-waited", &[("time", &duration(waited))])
    } else {
        result
    };
    let begun = called(events, call).filter(|_| is_folded);
    let name = begun.map_or_else(String::new, |(event, syscall)| {
        cut(&named(state, event.program, written(state, event, syscall)), TEXT, width)
    });
    CallLabel { call: name, more: vec![cut(&result, TEXT, width)], has_failed }
}

/// A call in a few characters, as a program writes it.
pub(super) fn short_call(call: &Syscall) -> String {
    match call {
        Syscall::Send { .. } => "send".to_owned(),
        Syscall::Connect { .. } => "connect".to_owned(),
        Syscall::Accept { .. } => "accept".to_owned(),
        Syscall::Close { .. } => "close".to_owned(),
        Syscall::Bind { .. } => "bind".to_owned(),
        Syscall::Select { .. } => "select".to_owned(),
        Syscall::Socket
        | Syscall::Listen { .. }
        | Syscall::Recv { .. }
        | Syscall::Shutdown { .. }
        | Syscall::SetOption { .. }
        | Syscall::GetOption { .. }
        | Syscall::LocalAddress { .. }
        | Syscall::PeerAddress { .. }
        | Syscall::Sleep { .. }
        | Syscall::Time(_) => call_text(call),
    }
}

/// A call in a few characters. Which socket is closed, the line says: `conn.close`.
fn written(state: &State, event: &Event, call: &Syscall) -> String {
    let short = short_call(call);
    let (Syscall::Close { .. }, EventKind::Called(_, columns)) = (call, &event.kind) else {
        return short;
    };
    let programs = &state.lab.shown_trace().experiment.programs;
    let line = programs.get(event.program).and_then(|program| {
        let line = usize::try_from(event.line).ok()?.checked_sub(1)?;
        program.text.lines().nth(line)
    });
    let (from, to) = (columns.from, columns.to.saturating_sub(columns.from));
    let [skip, take] = [from, to].map(|number| usize::try_from(number).unwrap_or(usize::MAX));
    let part: String = line.unwrap_or_default().chars().skip(skip).take(take).collect();
    let object = part.strip_suffix("close()").and_then(|object| object.strip_suffix('.'));
    object.map_or(short, |object| format!("{object}.close"))
}

/// With the name of its program, if there are more than two.
fn named(state: &State, program: usize, text: String) -> String {
    if state.lab.shown_trace().experiment.programs.len() > 2 {
        format!("{} {text}", program_name(state, program))
    } else {
        text
    }
}

fn called<'a>(events: &'a [Event], call: &CallHistory) -> Option<(&'a Event, &'a Syscall)> {
    let event = events.get(call.called)?;
    if let EventKind::Called(syscall, _) = &event.kind { Some((event, syscall)) } else { None }
}

fn returned<'a>(events: &'a [Event], call: &CallHistory) -> Option<(usize, &'a Returned)> {
    let at = call.returned?;
    let event = events.get(at)?;
    if let EventKind::Returned(returned) = &event.kind { Some((at, returned)) } else { None }
}

fn waits(events: &[Event], blocked: usize) -> Option<BlockedOn> {
    let event = events.get(blocked)?;
    if let EventKind::Blocked(on) = &event.kind { Some(*on) } else { None }
}

/// The most bytes of a result that are shown.
const LITERAL: usize = 5;

/// What came of a call, and whether it has failed. Empty if it has nothing to say.
fn result(state: &State, returned: &Returned) -> (String, bool) {
    let locale = &state.locale;
    let text = match returned {
        Returned::Received(data) if data.0.len() <= LITERAL => {
            if data.0.is_empty() {
                "→ b''".to_owned()
            } else {
                format!("→ {}", literal(&data.0))
            }
        }
        Returned::Received(data) => {
            format!("→ {}", locale.fill("crossing-bytes", &[("bytes", &data.0.len())]))
        }
        Returned::Sent(count) => format!("→ {count}"),
        Returned::Failed(number) => {
            let name = errno::find(*number).map_or("", |errno| errno.name);
            return (format!("✕ {name}"), true);
        }
        Returned::TimedOut => return (format!("✕ {}", locale.text("timed-out")), true),
        Returned::Accepted { peer, .. } => {
            let connections = state.lab.shown_timeline().connections();
            let from = connections.iter().rfind(|one| one.client_address == *peer);
            let client = from.and_then(|connection| connection.client);
            client.map_or_else(String::new, |client| format!("→ {}", program_name(state, client)))
        }
        Returned::Done
        | Returned::Opened(_)
        | Returned::Option(_)
        | Returned::Address(_)
        | Returned::Ready(_)
        | Returned::Time(_) => String::new(),
    };
    (text, false)
}

/// A few bytes: as text if all of them can be read, and in hex if not.
fn literal(bytes: &[u8]) -> String {
    if bytes.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        format!("'{}'", short_text(bytes, LITERAL))
    } else {
        hex(bytes, LITERAL)
    }
}
