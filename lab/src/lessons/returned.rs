//! The values that calls returned.

use crate::experiment::{Call, Experiment, Side};
use crate::trace::{Event, EventKind, Value};

/// The values that a side's receiving calls returned. Each comes with the number of its event, from 1.
pub fn returned<'a>(
    experiment: &'a Experiment,
    side: Side,
    events: &'a [Event],
) -> impl Iterator<Item = (usize, &'a Value)> {
    let is_receiving = move |event: &Event| {
        let program = experiment.program(side);
        let call = program.and_then(|program| program.0.get(usize::from(event.call)));
        event.side == side && call.is_some_and(Call::receives)
    };
    events.iter().enumerate().filter(move |(_, event)| is_receiving(event)).filter_map(
        |(index, event)| match &event.kind {
            EventKind::Returned(value) => Some((index + 1, value)),
            EventKind::Began
            | EventKind::Blocked(_)
            | EventKind::Accepted(_)
            | EventKind::Sent(_)
            | EventKind::Received { .. }
            | EventKind::Failed(_) => None,
        },
    )
}
