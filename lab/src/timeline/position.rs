//! Where each program stands after some of a trace's events, and who is next.

use crate::experiment::{Experiment, Program, Side};
use crate::trace::{BlockedOn, Event, EventKind, Value};

/// Where a program stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramPosition {
    /// The index of the call under way, or where none is, of the next one.
    pub call: usize,
    /// How far it is.
    pub state: CallState,
}

/// How far a program's call is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallState {
    /// It is the next one.
    Next,
    /// It waits.
    Blocked(BlockedOn),
    /// It is under way: seen only in the moment between two system calls.
    UnderWay,
    /// The program has ended, after its last call.
    Ended,
    /// The program has ended in an error, in this call.
    Failed,
}

/// Where a program stands after these events.
#[must_use]
pub fn standing(program: &Program, side: Side, events: &[Event]) -> ProgramPosition {
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
        | EventKind::Failed(_) => ProgramPosition { call, state: CallState::UnderWay },
    }
}

/// Whose call the experiment's order has next after these events; `None` where nobody is ready.
#[must_use]
pub fn next_side(experiment: &Experiment, events: &[Event]) -> Option<Side> {
    let is_ready = |side: Side| {
        experiment
            .program(side)
            .is_some_and(|program| standing(program, side, events).state == CallState::Next)
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
