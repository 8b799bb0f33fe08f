//! What calls returned.

use crate::experiment::{Call, Experiment, Side};
use crate::trace::{Event, Happened, Value};

/// What a side's receiving calls returned: the number of the event, and the value.
pub fn returned<'a>(
    experiment: &'a Experiment,
    side: Side,
    events: &'a [Event],
) -> impl Iterator<Item = (usize, &'a Value)> {
    let is_receiving = move |event: &Event| {
        let call =
            experiment.program(side).and_then(|program| program.0.get(usize::from(event.call)));
        let receives = matches!(
            call,
            Some(Call::Recv(_) | Call::RecvExact(_) | Call::RecvNaive | Call::RecvMessage)
        );
        receives && event.side == side
    };
    events.iter().enumerate().filter(move |(_, event)| is_receiving(event)).filter_map(
        |(index, event)| match &event.happened {
            Happened::Returned(value) => Some((index + 1, value)),
            _ => None,
        },
    )
}
