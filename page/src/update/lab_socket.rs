//! Updates of the lab's WebSocket: the commands that go to the relay, and the reports that come back.

use framescope_lab::{Command, MAX_EVENTS, Report};
use framescope_protocol::close_code::{GOING_AWAY, NO_CLOSE_FRAME, TARGET_CLOSED};
use framescope_protocol::paths;

use super::viewing;
use crate::effect::Effect;
use crate::screen::wording::last_rung_text;
use crate::state::{LabSocket, State};

/// Sends a command to the relay. First opens the WebSocket and loads the experiment, if that is needed.
pub(super) fn send(state: &mut State, command: &Command) -> Vec<Effect> {
    let lab = &mut state.lab;
    let mut commands = Vec::new();
    if !lab.is_loaded {
        lab.is_loaded = true;
        lab.awaited += 1;
        commands.push(Command::Load(lab.experiment.clone()).encode());
    }
    commands.push(command.encode());
    match &mut lab.websocket {
        LabSocket::Open => commands.into_iter().map(Effect::LabSend).collect(),
        LabSocket::Opening(waiting) => {
            waiting.extend(commands);
            Vec::new()
        }
        LabSocket::Absent | LabSocket::Lost { .. } => {
            lab.socket += 1;
            lab.awaited = 1;
            lab.websocket = LabSocket::Opening(commands);
            let (number, path) = (lab.socket, state.link.with_token(paths::LAB));
            vec![Effect::LabOpen { number, path }]
        }
    }
}

/// Sends the commands that waited for the WebSocket.
pub(super) fn opened(state: &mut State, number: u32) -> Vec<Effect> {
    let lab = &mut state.lab;
    if number != lab.socket {
        return Vec::new();
    }
    match std::mem::replace(&mut lab.websocket, LabSocket::Open) {
        LabSocket::Opening(waiting) => waiting.into_iter().map(Effect::LabSend).collect(),
        LabSocket::Absent | LabSocket::Open | LabSocket::Lost { .. } => Vec::new(),
    }
}

/// Takes a report of the relay. Reports of an earlier WebSocket or of an earlier run are ignored.
pub(super) fn received(state: &mut State, number: u32, bytes: &[u8]) -> Vec<Effect> {
    let lab = &mut state.lab;
    let Some(report) = Report::decode(bytes).filter(|_| number == lab.socket) else {
        return Vec::new();
    };
    if let Report::Loaded = report {
        lab.awaited = lab.awaited.saturating_sub(1);
        return Vec::new();
    }
    if lab.awaited > 0 {
        return Vec::new();
    }
    let mut effects = Vec::new();
    match report {
        Report::Loaded => {}
        Report::Events(events) => {
            let over = MAX_EVENTS.saturating_sub(lab.trace.events.len());
            lab.record_events(events.into_iter().take(over).collect());
            effects.extend(last_rung_text(state).map(Effect::Announce));
        }
        Report::Over(end) => lab.trace.end = Some(end),
        Report::ChunkSizes(sizes) => {
            if let Some(series) = &mut lab.series {
                series.count(sizes);
            }
        }
        Report::SeriesOver => {
            if let Some(series) = &mut lab.series {
                series.is_running = false;
            }
        }
    }
    viewing::keep_in_view(state);
    effects
}

/// Handles the close of the lab's WebSocket. The trace is kept, but the run cannot continue.
pub(super) fn closed(state: &mut State, number: u32, code: u16, reason: String) -> Vec<Effect> {
    let lab = &mut state.lab;
    if number != lab.socket {
        return Vec::new();
    }
    lab.is_loaded = false;
    lab.awaited = 0;
    if let Some(series) = &mut lab.series {
        series.is_running = false;
    }
    lab.websocket =
        if code == TARGET_CLOSED { LabSocket::Absent } else { LabSocket::Lost { reason } };
    if matches!(code, GOING_AWAY | NO_CLOSE_FRAME) {
        state.is_relay_gone = true;
        return vec![Effect::PollLater];
    }
    Vec::new()
}
