//! Which choice of a lesson's question a trace confirms.
//!
//! Each function that `course.rs` names takes a trace of its lesson. It returns the index of the choice
//! in the lesson's texts, from 0, or `None` if the trace answers with none of the choices or is not far
//! enough.

use super::returned::returned;
use crate::experiment::{Call, Side};
use crate::trace::{
    BlockedOn, CallError, Errno, Event, EventKind, TcpInfo, TcpState, Trace, Value,
};

/// A round trip under this waited for nothing, in microseconds.
const QUICK_US: u64 = 5_000;
/// A round trip of at least this waited for more than a delayed acknowledgement, in microseconds.
const SLOW_US: u64 = 500_000;

/// The chunks that a side received, in order. The empty chunk at the end of the stream is left out.
fn chunks(trace: &Trace, side: Side) -> Vec<&[u8]> {
    trace.events.iter().filter(|event| event.side == side).filter_map(received).collect()
}

fn received(event: &Event) -> Option<&[u8]> {
    match &event.kind {
        EventKind::Received { got, .. } => Some(&got.0[..]).filter(|bytes| !bytes.is_empty()),
        EventKind::Began
        | EventKind::Blocked(_)
        | EventKind::Accepted(_)
        | EventKind::Sent(_)
        | EventKind::Failed(_)
        | EventKind::Returned(_) => None,
    }
}

/// The values that the receiving calls of a side returned, in order.
fn values(trace: &Trace, side: Side) -> Vec<&Value> {
    returned(&trace.experiment, side, &trace.events).map(|(_, value)| value).collect()
}

/// The events of a side's first call for which `is_kind` is true, each with its index in the trace.
fn first_call(
    trace: &Trace,
    side: Side,
    is_kind: fn(&Call) -> bool,
) -> impl Iterator<Item = (usize, &Event)> {
    let program = trace.experiment.program(side);
    let call = program.and_then(|program| program.0.iter().position(is_kind));
    trace
        .events
        .iter()
        .enumerate()
        .filter(move |(_, event)| event.side == side && Some(usize::from(event.call)) == call)
}

fn index_of(value: usize, choices: &[usize]) -> Option<usize> {
    choices.iter().position(|choice| *choice == value)
}

pub(super) fn connects_before_accept(trace: &Trace) -> Option<usize> {
    let accepting = first_call(trace, Side::SERVER, |call| *call == Call::Accept).next();
    let mut connecting = first_call(trace, Side::CLIENT, |call| *call == Call::Connect);
    let (_, last) = connecting
        .by_ref()
        .take_while(|(index, _)| accepting.is_none_or(|(accepting, _)| *index < accepting))
        .last()?;
    match &last.kind {
        EventKind::Returned(Value::Nothing) => Some(0),
        EventKind::Blocked(_) => Some(1),
        EventKind::Began
        | EventKind::Accepted(_)
        | EventKind::Sent(_)
        | EventKind::Received { .. }
        | EventKind::Failed(_)
        | EventKind::Returned(_) => None,
    }
}

pub(super) fn what_an_early_recv_does(trace: &Trace) -> Option<usize> {
    let is_recv = |call: &Call| matches!(call, Call::Recv(_));
    let (_, event) = first_call(trace, Side::SERVER, is_recv).nth(1)?;
    match &event.kind {
        EventKind::Received { got, .. } if got.0.is_empty() => Some(0),
        EventKind::Blocked(BlockedOn::Bytes) => Some(1),
        EventKind::Failed(_) => Some(2),
        EventKind::Began
        | EventKind::Blocked(_)
        | EventKind::Accepted(_)
        | EventKind::Sent(_)
        | EventKind::Received { .. }
        | EventKind::Returned(_) => None,
    }
}

pub(super) fn which_recv_returns(trace: &Trace) -> Option<usize> {
    let [server, client] = [Side::SERVER, Side::CLIENT].map(|side| {
        let returned = !values(trace, side).is_empty();
        let began = first_call(trace, side, |call| matches!(call, Call::Recv(_))).next().is_some();
        began.then_some(returned)
    });
    Some(match (server?, client?) {
        (true, false) => 0,
        (false, true) => 1,
        (true, true) => 2,
        (false, false) => 3,
    })
}

pub(super) fn established_before_accept(trace: &Trace) -> Option<usize> {
    let accepting = first_call(trace, Side::SERVER, |call| *call == Call::Accept).next();
    let before = accepting.map_or(trace.events.len(), |(index, _)| index);
    let connecting = |event: &&Event| event.side != Side::SERVER;
    let clients = trace.events[..before].iter().filter(connecting).map(|event| event.side);
    if clients.max().map(|side| usize::from(side.0)) < Some(trace.experiment.clients.len()) {
        return None;
    }
    let tcp_info = &trace.events[before.checked_sub(1)?].tcp_info;
    let established = |tcp_info: &&TcpInfo| tcp_info.state == Some(TcpState::Established);
    index_of(tcp_info.iter().skip(1).filter(established).count(), &[1, 2, 3, 5])
}

pub(super) fn chunks_with_data(trace: &Trace) -> Option<usize> {
    let sent = trace.events.iter().filter(|event| matches!(event.kind, EventKind::Sent(_)));
    let all_read = values(trace, Side::SERVER).len() == 3;
    let count = chunks(trace, Side::SERVER).len();
    if all_read && sent.count() == 3 { index_of(count, &[1, 2, 3]) } else { None }
}

pub(super) fn first_two_chunks(trace: &Trace) -> Option<usize> {
    match chunks(trace, Side::SERVER)[..] {
        [b"hello world!", b"again", ..] => Some(0),
        [b"hello", b" worl", ..] => Some(1),
        [b"hello", b" world!", ..] => Some(2),
        _ => None,
    }
}

pub(super) fn messages(trace: &Trace) -> Option<usize> {
    let values = values(trace, Side::SERVER);
    let ended = values.contains(&&Value::EndOfStream);
    let count = values.iter().filter(|value| matches!(value, Value::Message(_))).count();
    if ended { index_of(count, &[1, 2, 3]) } else { None }
}

pub(super) fn first_message(trace: &Trace) -> Option<usize> {
    match values(trace, Side::SERVER).first()? {
        Value::Message(data) if data.0 == b"hello world!" => Some(0),
        Value::Message(data) if data.0 == b"hello " => Some(1),
        Value::Error(_) => Some(2),
        Value::Nothing | Value::Bytes(_) | Value::Message(_) | Value::EndOfStream => None,
    }
}

pub(super) fn first_message_whole(trace: &Trace) -> Option<usize> {
    first_message(trace).map(|choice| [1, 0, 2][choice])
}

pub(super) fn declared_length(trace: &Trace) -> Option<usize> {
    match values(trace, Side::SERVER).first()? {
        Value::Message(data) if data.0.len() == 5 => Some(0),
        Value::Error(CallError::TooLong { declared: 83_886_080, .. }) => Some(1),
        Value::Nothing
        | Value::Bytes(_)
        | Value::Message(_)
        | Value::EndOfStream
        | Value::Error(_) => None,
    }
}

pub(super) fn refuses_negative(trace: &Trace) -> Option<usize> {
    match values(trace, Side::SERVER).first()? {
        Value::Error(CallError::Negative { .. }) => Some(1),
        Value::Nothing
        | Value::Bytes(_)
        | Value::Message(_)
        | Value::EndOfStream
        | Value::Error(_) => None,
    }
}

pub(super) fn refuses_huge(trace: &Trace) -> Option<usize> {
    match values(trace, Side::SERVER).first()? {
        Value::Error(CallError::TooLong { .. }) => Some(1),
        Value::Nothing
        | Value::Bytes(_)
        | Value::Message(_)
        | Value::EndOfStream
        | Value::Error(_) => None,
    }
}

pub(super) fn first_chunk_of_four(trace: &Trace) -> Option<usize> {
    index_of(chunks(trace, Side::SERVER).first()?.len(), &[6, 4, 3])
}

pub(super) fn second_read(trace: &Trace) -> Option<usize> {
    match (values(trace, Side::SERVER).get(1), trace.end) {
        (None, Some(_)) => Some(0),
        (Some(Value::EndOfStream), _) => Some(1),
        (Some(Value::Error(_)), _) => Some(2),
        (Some(Value::Nothing | Value::Bytes(_) | Value::Message(_)), _) | (None, None) => None,
    }
}

pub(super) fn end_in_mid_message_is_an_error(trace: &Trace) -> Option<usize> {
    match values(trace, Side::SERVER).first()? {
        Value::EndOfStream => Some(0),
        Value::Error(CallError::Truncated { .. }) => Some(1),
        Value::Nothing | Value::Bytes(_) | Value::Message(_) | Value::Error(_) => None,
    }
}

pub(super) fn round_trip(trace: &Trace) -> Option<usize> {
    let median = median_round_trip(trace)?;
    Some(usize::from(median >= QUICK_US) + usize::from(median >= SLOW_US))
}

/// The median round trip of the first client, in microseconds. A round trip is the time from the first
/// send of a request to the return of its reply.
///
/// `None` if a program paused for more than 5 ms between two calls: the user stepped it, so the times
/// measure the user.
pub(super) fn median_round_trip(trace: &Trace) -> Option<u64> {
    let mut times = Vec::new();
    let mut asked = None;
    let mut returned = vec![None; trace.experiment.clients.len() + 1];
    for event in &trace.events {
        let before = returned.get_mut(usize::from(event.side.0))?;
        match &event.kind {
            EventKind::Began
                if (asked.is_some() || !times.is_empty())
                    && before.is_some_and(|before| event.at - before > QUICK_US) =>
            {
                return None;
            }
            EventKind::Sent(_) if event.side == Side::CLIENT => asked = asked.or(Some(event.at)),
            EventKind::Returned(value) => {
                *before = Some(event.at);
                if matches!(value, Value::Message(_)) && event.side == Side::CLIENT {
                    times.extend(asked.take().map(|asked| event.at - asked));
                }
            }
            EventKind::Began
            | EventKind::Blocked(_)
            | EventKind::Accepted(_)
            | EventKind::Sent(_)
            | EventKind::Received { .. }
            | EventKind::Failed(_) => {}
        }
    }
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}

pub(super) fn late_bytes_arrive(trace: &Trace) -> Option<usize> {
    let sent = first_call(trace, Side::SERVER, |call| matches!(call, Call::Send(_)));
    let outcome = sent.filter_map(|(_, event)| match event.kind {
        EventKind::Sent(_) => Some(0),
        EventKind::Failed(_) => Some(1),
        EventKind::Began
        | EventKind::Blocked(_)
        | EventKind::Accepted(_)
        | EventKind::Received { .. }
        | EventKind::Returned(_) => None,
    });
    outcome.last()
}

pub(super) fn recv_after_a_reset(trace: &Trace) -> Option<usize> {
    match values(trace, Side::CLIENT).first()? {
        Value::Bytes(data) => Some(usize::from(!data.0.is_empty())),
        Value::Error(CallError::Errno(Errno::ConnectionReset)) => Some(2),
        Value::Nothing | Value::Message(_) | Value::EndOfStream | Value::Error(_) => None,
    }
}

pub(super) fn acknowledged_unread(trace: &Trace) -> Option<usize> {
    let waits =
        |event: &&Event| event.tcp_info.first().is_some_and(|server| server.unread == Some(1000));
    let event = trace.events.iter().rfind(waits)?;
    let unacknowledged = event.tcp_info.get(1)?.unacknowledged?;
    Some(usize::from(unacknowledged > 0))
}
