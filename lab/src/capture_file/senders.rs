//! Which bytes a segment has, and which calls sent them.

use std::collections::HashMap;

use framescope_record::Direction;

use super::openings::{Begun, Openings};
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
    begun: Begun,
    openings: Openings,
}

impl Senders {
    pub(super) fn new(trace: &Trace) -> Self {
        let mut timeline = Timeline::new(&trace.experiment);
        let mut calls: Vec<Vec<(u64, String)>> = Vec::new();
        let (mut begun, mut connections) = (Begun::default(), 0);
        // The call of each thread.
        let mut called = HashMap::new();
        for (number, event) in trace.events.iter().enumerate() {
            let thread = (event.program, event.thread);
            if let EventKind::Called(call, _) = &event.kind {
                let program = trace.experiment.programs.get(event.program);
                let file = program.map_or("", |program| program.file.as_str());
                let text: String = call.to_string().chars().take(MAX_CALL).collect();
                called.insert(thread, format!("{file}:{}: {text}", event.line));
            }
            timeline.push(event);
            for (index, connection) in timeline.connections().iter().enumerate().skip(connections) {
                begun.push(number, index, connection);
            }
            connections = timeline.connections().len();
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
        Self { timeline, calls, begun, openings: Openings::default() }
    }

    /// The payload of the segment that is sent at this event, and what is to be said of it. `None` if the trace does not
    /// have its bytes. Segments are asked for in the order in which they were sent.
    pub(super) fn of(&mut self, event: usize, segment: &Segment) -> (Option<&[u8]>, Vec<String>) {
        let flow = self.openings.flow_of(event, segment, &self.begun);
        let payload = self.payload(flow, segment);
        let mut comments = match flow {
            _ if payload.is_none() => vec!["the trace does not have these bytes".to_owned()],
            Some(flow) => self.senders(flow, segment),
            None => Vec::new(),
        };
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

    fn payload(&self, flow: Option<usize>, segment: &Segment) -> Option<&[u8]> {
        if segment.length() == 0 {
            return Some(&[]);
        }
        let stream = self.timeline.flows().get(flow?)?.record.stream(Direction::Sent);
        let bytes = stream.bytes(segment.payload.clone());
        (bytes.len() as u64 == segment.length()).then_some(bytes)
    }

    /// The calls that have sent the bytes of a segment.
    fn senders(&self, flow: usize, segment: &Segment) -> Vec<String> {
        let (calls, range) = (&self.calls[flow], &segment.payload);
        let first = calls.partition_point(|(end, _)| *end <= range.start);
        let starts = [0].into_iter().chain(calls.iter().map(|(end, _)| *end));
        let with_starts = calls.iter().zip(starts).skip(first);
        let own = with_starts.take_while(|(_, start)| *start < range.end).take(MAX_CALLS);
        own.map(|((_, call), _)| call.clone()).filter(|call| !call.is_empty()).collect()
    }
}
