//! A trace as lanes over stream offsets. Each direction of each connection has four lanes: the sends,
//! the bytes that wait in a kernel's buffer, the chunks, and the messages in them.
//!
//! Events are numbered from 1. A [`Moment`](framescope_record::Moment) is the state after one of them.

use framescope_framing::DEFAULT_MAX_PAYLOAD;
use framescope_record::{Direction, Record};

use crate::experiment::{Call, Experiment, Side};
use crate::trace::{Connections, Event, EventKind};

/// One direction of one connection.
#[derive(Clone, Debug)]
pub struct Flow {
    /// The side that sends.
    pub from: Side,
    /// The side that receives.
    pub to: Side,
    /// Whether the sender's program sends headers, or the receiver's program reads them.
    pub is_framed: bool,
    /// What `from` sent and what `to` received.
    pub record: Record,
    /// Whether the receiver has begun to read headers.
    reads_headers: bool,
}

/// Every flow of a trace, up to the last event that was added.
#[derive(Clone, Debug)]
pub struct Timeline {
    flows: Vec<Flow>,
    /// By side, the index of its first call that reads a header.
    readers: Vec<Option<usize>>,
    connections: Connections,
    /// The number of events that were added.
    events: usize,
    /// See [`Timeline::moments`].
    moments: Vec<usize>,
    /// The last event: its side, its call, and whether that call then waits or has returned.
    last: Option<(Side, u16, bool)>,
}

impl Timeline {
    /// The timeline of an experiment before its first event.
    #[must_use]
    pub fn new(experiment: &Experiment) -> Self {
        let clients = experiment.sides().filter(|side| *side != Side::SERVER);
        let flows = clients
            .flat_map(|client| [(client, Side::SERVER), (Side::SERVER, client)])
            .map(|(from, to)| Flow {
                from,
                to,
                is_framed: is_framed(experiment, from, to),
                record: Record::new(experiment.header, DEFAULT_MAX_PAYLOAD),
                reads_headers: false,
            })
            .collect();
        let readers = experiment
            .sides()
            .filter_map(|side| experiment.program(side))
            .map(|program| program.0.iter().position(Call::reads_header))
            .collect();
        Self {
            flows,
            readers,
            connections: Connections::default(),
            events: 0,
            moments: vec![0],
            last: None,
        }
    }

    /// Adds the next event of the trace.
    pub fn push(&mut self, event: &Event) {
        self.events += 1;
        let number = self.events;
        for flow in &mut self.flows {
            flow.record.pass(number);
        }
        self.connections.push(event);
        match &event.kind {
            EventKind::Began => self.begin(event.side, usize::from(event.call)),
            EventKind::Sent(data) => {
                if let Some(flow) = self.flow_of(event.side, |flow| flow.from) {
                    let given = u32::try_from(data.0.len()).unwrap_or(u32::MAX);
                    flow.record.push(number, Direction::Sent, &data.0, given, event.at);
                }
            }
            EventKind::Received { asked, got } => {
                if let Some(flow) = self.flow_of(event.side, |flow| flow.to) {
                    if got.0.is_empty() {
                        flow.record.end(number);
                    } else {
                        flow.record.push(number, Direction::Received, &got.0, *asked, event.at);
                    }
                }
            }
            EventKind::Accepted(_)
            | EventKind::Blocked(_)
            | EventKind::Failed(_)
            | EventKind::Returned(_) => {}
        }
        self.add_moment(event);
    }

    /// The first header begins at the offset where the receiver first reads one.
    fn begin(&mut self, side: Side, call: usize) {
        if self.readers.get(usize::from(side.0)).copied().flatten() != Some(call) {
            return;
        }
        if let Some(flow) = self.flow_of(side, |flow| flow.to).filter(|flow| !flow.reads_headers) {
            flow.reads_headers = true;
            flow.record.frame_received_from_here();
        }
    }

    /// Adds the event as a moment. A call that does not wait is one moment, at its last event.
    fn add_moment(&mut self, event: &Event) {
        let rests = matches!(event.kind, EventKind::Blocked(_) | EventKind::Returned(_));
        let same_call = matches!(self.last, Some((side, call, false))
            if side == event.side && call == event.call);
        if same_call {
            self.moments.pop();
        }
        self.moments.push(self.events);
        self.last = Some((event.side, event.call, rests));
    }

    /// The flow of the side's current connection whose `end` (sender or receiver) is `side`.
    fn flow_of(&mut self, side: Side, end: fn(&Flow) -> Side) -> Option<&mut Flow> {
        let client = self.connections.of(side)?;
        let of_client = |flow: &&mut Flow| flow.from == client || flow.to == client;
        self.flows.iter_mut().filter(of_client).find(|flow| end(flow) == side)
    }

    /// Every flow: for each client, first to the server and then from it.
    #[must_use]
    pub fn flows(&self) -> &[Flow] {
        &self.flows
    }

    /// The moments to show, as event numbers. The first is 0, before the first event. A call that does
    /// not wait has one moment. A call that waits has two.
    #[must_use]
    pub fn moments(&self) -> &[usize] {
        &self.moments
    }
}

/// Whether `from` sends headers, or `to` reads them.
fn is_framed(experiment: &Experiment, from: Side, to: Side) -> bool {
    let has = |side, is: fn(&Call) -> bool| {
        experiment.program(side).is_some_and(|program| program.0.iter().any(is))
    };
    has(from, Call::sends_header) || has(to, Call::reads_header)
}
