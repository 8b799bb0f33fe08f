//! Updates of the lab's channel: the commands that go to the runner, and the reports that come back.

use framescope_lab::{Command, Experiment, MAX_EVENTS, Report};
use framescope_protocol::close_code::{GOING_AWAY, NO_CLOSE_FRAME, TARGET_CLOSED};
use framescope_protocol::paths;
use framescope_record::Source;

use super::{mirror, viewing};
use crate::effect::{Effect, Runner, Socket};
use crate::screen::ladder::last_rung_text;
use crate::state::{Channel, Lab, Part, Refusal, State};

/// Who answers when a program reads a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lines {
    /// The experiment, if it has lines.
    Own,
    /// The user.
    Typed,
}

/// Loads the experiment, if it is not loaded with these lines.
pub(super) fn load(state: &mut State, lines: Lines) -> Vec<Effect> {
    let lab = &mut state.lab;
    let reads_own_lines = lines == Lines::Own;
    let has_lines = lab.experiment.programs.iter().any(|program| program.stdin.is_some());
    if lab.is_loaded && (lab.reads_own_lines == reads_own_lines || !has_lines) {
        return Vec::new();
    }
    if let Some(wire) = &state.link.lessons.wire {
        lab.experiment.wire.clone_from(wire);
        lab.trace.experiment.wire.clone_from(wire);
    }
    let mut experiment: Experiment = lab.experiment.clone();
    if !reads_own_lines {
        for program in &mut experiment.programs {
            program.stdin = None;
        }
    }
    lab.is_loaded = true;
    lab.reads_own_lines = reads_own_lines;
    lab.awaited += 1;
    send(state, &Command::Load(experiment))
}

/// Sends a command. First opens the channel, if that is needed. A page that follows another runs nothing.
pub(super) fn send(state: &mut State, command: &Command) -> Vec<Effect> {
    if state.part == Part::Following {
        return Vec::new();
    }
    let lab = &mut state.lab;
    lab.way.note(command, lab.trace.events.len());
    let command = command.encode();
    match &mut lab.channel {
        Channel::Open => vec![Effect::LabSend(command)],
        Channel::Opening(waiting) => {
            waiting.push(command);
            Vec::new()
        }
        Channel::Absent | Channel::Refused { .. } | Channel::Lost { .. } => {
            lab.number += 1;
            lab.awaited = 1;
            lab.channel = Channel::Opening(vec![command]);
            let to = match lab.source {
                Source::Measured => Runner::Relay(state.link.with_token(paths::LAB)),
                Source::Simulated => Runner::Engine,
            };
            vec![Effect::LabOpen { number: lab.number, to }]
        }
    }
}

/// Sends the commands that waited for the channel.
pub(super) fn opened(state: &mut State, number: u32) -> Vec<Effect> {
    let lab = &mut state.lab;
    if number != lab.number {
        return Vec::new();
    }
    match std::mem::replace(&mut lab.channel, Channel::Open) {
        Channel::Opening(waiting) => waiting.into_iter().map(Effect::LabSend).collect(),
        Channel::Absent | Channel::Open | Channel::Refused { .. } | Channel::Lost { .. } => {
            Vec::new()
        }
    }
}

/// Takes a report. Reports of an earlier channel or of an earlier run are ignored: also while no run is loaded, because another
/// lesson is on screen and the programs of the one before still run.
pub(super) fn received(state: &mut State, number: u32, bytes: &[u8]) -> Vec<Effect> {
    let lab = &mut state.lab;
    if number != lab.number {
        return Vec::new();
    }
    let Some(report) = Report::decode(bytes) else {
        // What it says later is not listened to.
        lab.number += 1;
        let reason = state.locale.text("lab-unreadable").to_owned();
        leave(lab, Channel::Lost { reason });
        return Vec::new();
    };
    if let Report::Loaded(problems) = report {
        lab.awaited = lab.awaited.saturating_sub(1);
        if lab.awaited == 0 {
            lab.problems = problems;
        }
        return Vec::new();
    }
    if lab.awaited > 0 || !lab.is_loaded {
        return Vec::new();
    }
    if lab.series.as_ref().is_some_and(|series| series.is_running) {
        return received_in_series(state, report);
    }
    let mut effects = mirror::report(state, bytes);
    effects.extend(take(state, report));
    effects
}

/// Takes a report of the run on screen.
pub(super) fn take(state: &mut State, report: Report) -> Vec<Effect> {
    let mut effects = Vec::new();
    let lab = &mut state.lab;
    match report {
        Report::Loaded(_) => {}
        Report::Network(network) => lab.trace.network = network,
        Report::Next(next) => lab.next = next,
        Report::Rests => lab.rests = Some(true),
        Report::Events(events) => {
            let before = lab.trace.events.len();
            let over = MAX_EVENTS.saturating_sub(before);
            lab.record_events(events.into_iter().take(over).collect());
            effects.extend(last_rung_text(state, before).map(Effect::Announce));
        }
        Report::Over(end) => {
            lab.trace.end = Some(end);
            lab.plays = false;
        }
        Report::Failed(reason) => fail(state, reason),
    }
    viewing::keep_in_view(state);
    effects
}

/// Counts what the programs of a series receive, and begins the next run.
fn received_in_series(state: &mut State, report: Report) -> Vec<Effect> {
    let Some(series) = &mut state.lab.series else { return Vec::new() };
    match report {
        Report::Loaded(_) | Report::Network(_) | Report::Next(_) | Report::Rests => Vec::new(),
        Report::Events(events) => {
            for event in &events {
                series.note(event);
            }
            Vec::new()
        }
        Report::Over(_) => {
            if !series.count() {
                // The next step begins a new run, of what the user sees.
                state.lab.is_loaded = false;
                return Vec::new();
            }
            state.lab.awaited += 1;
            let mut effects = send(state, &Command::Reset);
            effects.extend(send(state, &Command::Play));
            effects
        }
        Report::Failed(reason) => {
            fail(state, reason);
            Vec::new()
        }
    }
}

/// The run cannot go on. Another one can begin.
fn fail(state: &mut State, reason: String) {
    let lab = &mut state.lab;
    lab.failure = Some(reason);
    lab.is_loaded = false;
    lab.plays = false;
    if let Some(series) = &mut lab.series {
        series.is_running = false;
    }
}

/// Handles the close of the channel. The trace is kept, but the run cannot continue.
pub(super) fn closed(state: &mut State, number: u32, code: u16, reason: String) -> Vec<Effect> {
    let lab = &mut state.lab;
    if number != lab.number {
        return Vec::new();
    }
    let is_relay = lab.source == Source::Measured;
    if is_relay && matches!(lab.channel, Channel::Opening(_)) {
        leave(lab, Channel::Refused { answer: None });
        let path = state.link.with_token(paths::LAB);
        return vec![Effect::Diagnose { socket: Socket::Lab(number), path }];
    }
    leave(lab, if code == TARGET_CLOSED { Channel::Absent } else { Channel::Lost { reason } });
    if is_relay && matches!(code, GOING_AWAY | NO_CLOSE_FRAME) {
        state.is_relay_gone = true;
        return vec![Effect::PollLater];
    }
    Vec::new()
}

/// The relay has answered why it refused the channel. Without an answer it is gone.
pub(super) fn diagnosed(state: &mut State, number: u32, answer: Option<Refusal>) -> Vec<Effect> {
    let lab = &mut state.lab;
    if number != lab.number || lab.channel != (Channel::Refused { answer: None }) {
        return Vec::new();
    }
    if answer.is_some() {
        lab.channel = Channel::Refused { answer };
        return Vec::new();
    }
    lab.channel = Channel::Lost { reason: String::new() };
    state.is_relay_gone = true;
    vec![Effect::PollLater]
}

/// The run cannot continue, and no step of a link is taken by itself.
fn leave(lab: &mut Lab, channel: Channel) {
    lab.is_loaded = false;
    lab.plays = false;
    lab.awaited = 0;
    lab.ahead = None;
    if let Some(series) = &mut lab.series {
        series.is_running = false;
    }
    lab.channel = channel;
}
