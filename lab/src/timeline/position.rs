//! The position of each program after the first events of a trace, and the side of the next step.

use crate::experiment::{Experiment, Program, Side};
use crate::trace::{BlockedOn, Event, EventKind, Value};

/// The position of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramPosition {
    /// The index of the call in progress. If there is none, the index of the next call.
    pub call: usize,
    /// The state of that call.
    pub state: CallState,
}

/// The state of a program's call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallState {
    /// It is the next call and has not begun.
    Next,
    /// It waits.
    Blocked(BlockedOn),
    /// It is in progress and does not wait: seen only between two events of the call.
    InProgress,
    /// The program has ended after its last call.
    Ended,
    /// This call returned an error, and the program has ended.
    Failed,
}

/// The position of a side's program after these events.
#[must_use]
pub fn program_position(program: &Program, side: Side, events: &[Event]) -> ProgramPosition {
    let ended = |call: usize| {
        let state = if call < program.0.len() { CallState::Next } else { CallState::Ended };
        ProgramPosition { call, state }
    };
    let Some(last) = events.iter().rfind(|event| event.side == side) else { return ended(0) };
    let call = usize::from(last.call);
    match &last.kind {
        EventKind::Returned(Value::Error(_)) => ProgramPosition { call, state: CallState::Failed },
        EventKind::Returned(_) => ended(call + 1),
        EventKind::Blocked(on) => ProgramPosition { call, state: CallState::Blocked(*on) },
        EventKind::Began
        | EventKind::Accepted(_)
        | EventKind::Sent(_)
        | EventKind::Received { .. }
        | EventKind::Failed(_) => ProgramPosition { call, state: CallState::InProgress },
    }
}

/// The side whose call is next after these events: by the experiment's order, then the first side that
/// is ready. `None` if no side is ready.
#[must_use]
pub fn next_side(experiment: &Experiment, events: &[Event]) -> Option<Side> {
    let is_ready = |side: Side| {
        experiment
            .program(side)
            .is_some_and(|program| program_position(program, side, events).state == CallState::Next)
    };
    let mut begun = vec![0_usize; experiment.clients.len() + 1];
    for event in events.iter().filter(|event| event.kind == EventKind::Began) {
        if let Some(count) = begun.get_mut(usize::from(event.side.0)) {
            *count += 1;
        }
    }
    let of_order = experiment.order.iter().copied().find(|side| {
        let Some(count) = begun.get_mut(usize::from(side.0)) else { return false };
        if *count > 0 {
            *count -= 1;
            return false;
        }
        is_ready(*side)
    });
    of_order.or_else(|| experiment.sides().find(|side| is_ready(*side)))
}
