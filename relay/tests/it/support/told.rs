//! The calls of one side of an experiment, collected from the events.

use framescope_lab::{BlockedOn, Errno, Event, EventKind, Side, Value};

/// One call of a side, with what must be the same on every kernel: its result, and the bytes that it sent
/// and received. How many pieces a kernel makes of a large send may differ.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct CallRecord {
    pub(crate) call: u16,
    pub(crate) accepted: Option<Side>,
    pub(crate) sent: usize,
    pub(crate) received: Vec<u8>,
    pub(crate) waited_for: Option<BlockedOn>,
    pub(crate) failed: Option<Errno>,
    pub(crate) value: Option<Value>,
}

/// The calls of a side, in order.
pub(crate) fn calls_of(events: &[Event], side: Side) -> Vec<CallRecord> {
    let mut calls: Vec<CallRecord> = Vec::new();
    for event in events.iter().filter(|event| event.side == side) {
        if event.kind == EventKind::Began {
            calls.push(CallRecord { call: event.call, ..CallRecord::default() });
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
