//! Which bytes a segment has, and which calls sent them.

use std::collections::HashMap;

use framescope_record::Direction;

use crate::timeline::Timeline;
use crate::trace::{EventKind, Fate, Segment, Trace};

/// The longest text of a call, in characters.
const MAX_CALL: usize = 120;

/// The most calls that a comment names. A segment may have the bytes of many.
const MAX_CALLS: usize = 8;

/// What the calls of a trace have sent.
pub(super) struct Senders {
    timeline: Timeline,
    /// For each flow, in order: where the bytes of a call end, and what the call is.
    calls: Vec<Vec<(u64, String)>>,
}

impl Senders {
    pub(super) fn new(trace: &Trace) -> Self {
        let mut timeline = Timeline::new(&trace.experiment);
        let mut calls: Vec<Vec<(u64, String)>> = Vec::new();
        // The call of each thread.
        let mut called = HashMap::new();
        for event in &trace.events {
            let thread = (event.program, event.thread);
            if let EventKind::Called(call, _) = &event.kind {
                let program = trace.experiment.programs.get(event.program);
                let file = program.map_or("", |program| program.file.as_str());
                let text: String = call.to_string().chars().take(MAX_CALL).collect();
                called.insert(thread, format!("{file}:{}: {text}", event.line));
            }
            timeline.push(event);
            let flows = timeline.flows();
            calls.resize(flows.len(), Vec::new());
            for (flow, calls) in flows.iter().zip(&mut calls) {
                let end = flow.record.stream(Direction::Sent).end();
                if calls.last().map_or(0, |(last, _)| *last) == end {
                    continue;
                }
                // The bytes of a send that waits are counted when a kernel reports: they are its own too.
                let sender = if flow.from == Some(event.program) { Some(thread) } else { None };
                let sender = sender.or(flow.from.map(|program| (program, 0)));
                let call = sender.and_then(|thread| called.get(&thread)).cloned();
                calls.push((end, call.unwrap_or_default()));
            }
        }
        Self { timeline, calls }
    }

    /// The payload of a segment, and what is to be said of it.
    pub(super) fn of(&self, segment: &Segment) -> (Vec<u8>, Vec<String>) {
        let (payload, mut comments) = self.payload(segment);
        let index = usize::try_from(segment.number).unwrap_or(usize::MAX);
        let history = self.timeline.segments().get(index);
        comments.extend(history.and_then(|history| match history.fate(usize::MAX)? {
            Fate::Dropped | Fate::Overflowed => Some("lost on the wire".to_owned()),
            Fate::Held => Some("held on the wire".to_owned()),
            Fate::Delivered if history.deliveries().count() > 1 => {
                Some("arrived more than once".to_owned())
            }
            Fate::Delivered => None,
        }));
        (payload, comments)
    }

    fn payload(&self, segment: &Segment) -> (Vec<u8>, Vec<String>) {
        let length = usize::try_from(segment.length()).unwrap_or(0);
        if length == 0 {
            return (Vec::new(), Vec::new());
        }
        let (range, mut comments) = (segment.payload.clone(), Vec::new());
        let Some(flow) = self.flow(segment) else { return unknown(length) };
        let stream = self.timeline.flows()[flow].record.stream(Direction::Sent);
        if stream.bytes(range.clone()).len() != length {
            return unknown(length);
        }
        let calls = &self.calls[flow];
        let first = calls.partition_point(|(end, _)| *end <= range.start);
        let starts = [0].into_iter().chain(calls.iter().map(|(end, _)| *end));
        let with_starts = calls.iter().zip(starts).skip(first);
        let own = with_starts.take_while(|(_, start)| *start < range.end).take(MAX_CALLS);
        comments.extend(own.map(|((_, call), _)| call.clone()).filter(|call| !call.is_empty()));
        (stream.bytes(range).to_vec(), comments)
    }

    /// The flow that a segment is of.
    fn flow(&self, segment: &Segment) -> Option<usize> {
        let (from, to) = (segment.from, segment.to);
        let connections = self.timeline.connections();
        let is = |client, server: u16, index: usize| {
            let connection = &connections[index];
            connection.client_address == client && connection.server_address.port == server
        };
        let found =
            |client, server| (0..connections.len()).rev().find(|at| is(client, server, *at));
        let up = found(from, to.port).map(|index| 2 * index);
        up.or_else(|| found(to, from.port).map(|index| 2 * index + 1))
    }
}

/// As many bytes, of which nothing is known.
fn unknown(length: usize) -> (Vec<u8>, Vec<String>) {
    (vec![0; length], vec!["the trace does not have these bytes".to_owned()])
}
