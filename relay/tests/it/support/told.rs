//! What a run tells of a side.

use framescope_lab::{BlockedOn, Errno, Event, EventKind, Side, Value};

/// What happened to one side, as far as every kernel must agree on it: the values of its calls, in
/// order, and how many bytes each call sent and got. How a kernel cuts a large send is its own.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Told {
    pub(crate) call: u16,
    pub(crate) accepted: Option<Side>,
    pub(crate) sent: usize,
    pub(crate) received: Vec<u8>,
    pub(crate) waited_for: Option<BlockedOn>,
    pub(crate) failed: Option<Errno>,
    pub(crate) value: Option<Value>,
}

pub(crate) fn told(events: &[Event], side: Side) -> Vec<Told> {
    let mut calls: Vec<Told> = Vec::new();
    for event in events.iter().filter(|event| event.side == side) {
        if event.kind == EventKind::Began {
            calls.push(Told { call: event.call, ..Told::default() });
        }
        let call = calls.last_mut().expect("a call begins before anything else");
        match &event.kind {
            EventKind::Began => {}
            EventKind::Accepted(client) => call.accepted = *client,
            EventKind::Blocked(on) => call.waited_for = Some(*on),
            EventKind::Sent(data) => call.sent += data.0.len(),
            EventKind::Received { got, .. } => call.received.extend_from_slice(&got.0),
            EventKind::Failed(errno) => call.failed = Some(*errno),
            EventKind::Returned(value) => call.value = Some(value.clone()),
        }
    }
    calls
}
