//! A trace as lanes over stream offsets: for each direction of each connection the sends, the bytes
//! that wait in a kernel's buffer, the chunks, and the messages in them.
//!
//! Events are counted from 1. A [`Moment`](framescope_record::Moment) is the picture after one of them.

use framescope_framing::DEFAULT_MAX_PAYLOAD;
use framescope_record::{Direction, Record};

use crate::experiment::{Call, Experiment, Side};
use crate::trace::{Connections, Event, EventKind};

/// One direction of one connection.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Who sends.
    pub from: Side,
    /// Who receives.
    pub to: Side,
    /// Does either program put headers in front, or look for them?
    pub is_framed: bool,
    /// What `from` sent and what `to` received.
    pub record: Record,
    /// Has the receiver begun to look for headers?
    reads_headers: bool,
}

/// Every flow of a trace, and how far the trace has come.
#[derive(Clone, Debug)]
pub struct Timeline {
    flows: Vec<Flow>,
    /// By side, the first call that looks for a header.
    readers: Vec<Option<usize>>,
    connections: Connections,
    events: usize,
    /// The numbers of the events after which a picture is worth showing.
    moments: Vec<usize>,
    /// The last event: whose call, which, and whether it waits or has returned.
    last: Option<(Side, u16, bool)>,
}

impl Timeline {
    /// The timeline of an experiment of which nothing has happened.
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

    /// The first header stands where the receiver first looks for one.
    fn begin(&mut self, side: Side, call: usize) {
        if self.readers.get(usize::from(side.0)).copied().flatten() != Some(call) {
            return;
        }
        if let Some(flow) = self.flow_of(side, |flow| flow.to).filter(|flow| !flow.reads_headers) {
            flow.reads_headers = true;
            flow.record.frame_from_here();
        }
    }

    /// A call that does not wait is one picture, whatever events it has: the last of them.
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

    /// The flow of the server's connection now, or of a client, of which `end` is `side`.
    fn flow_of(&mut self, side: Side, end: fn(&Flow) -> Side) -> Option<&mut Flow> {
        let client = self.connections.of(side)?;
        let of_client = |flow: &&mut Flow| flow.from == client || flow.to == client;
        self.flows.iter_mut().filter(of_client).find(|flow| end(flow) == side)
    }

    /// Every flow, those of one client together.
    #[must_use]
    pub fn flows(&self) -> &[Flow] {
        &self.flows
    }

    /// The numbers of the events after which a picture is worth showing, 0 first: a call that does
    /// not wait is one of them, one that waits two.
    #[must_use]
    pub fn moments(&self) -> &[usize] {
        &self.moments
    }
}

/// Does the sender put headers in front, or the receiver look for them?
fn is_framed(experiment: &Experiment, from: Side, to: Side) -> bool {
    let has = |side, is: fn(&Call) -> bool| {
        experiment.program(side).is_some_and(|program| program.0.iter().any(is))
    };
    has(from, Call::sends_header) || has(to, Call::reads_header)
}
