//! What a trace shows at each of its moments.
//!
//! What comes in: the events of a trace, in order. What goes out: a [`Timeline`] with the bytes of each direction of
//! each connection ([`Flow`]), the state of each program ([`History`]), and the rungs of the ladder diagram
//! ([`Rung`]).
//!
//! May use: `experiment`, `trace`.

mod arrivals;
mod calls;
mod connections;
mod flow;
mod framing;
mod header;
mod history;
mod ladder;
mod moments;
mod openings;
mod pending;
mod segments;
mod small_map;

pub use arrivals::Arrivals;
pub use calls::CallHistory;
pub use connections::Connection;
pub use flow::Flow;
pub use history::{Doing, History, ThreadState};
pub use ladder::{Crossing, Rung};
pub use segments::SegmentHistory;
pub(crate) use segments::Segments;

use self::arrivals::AllArrivals;
use self::calls::Calls;
use self::connections::Connections;
use self::ladder::Ladder;
use self::moments::Moments;
use self::openings::Openings;
use self::pending::Pending;
use crate::experiment::Experiment;
use crate::trace::{Event, Segment};

/// What a trace shows, up to the last event that was added.
#[derive(Clone, Debug)]
pub struct Timeline {
    programs: Vec<History>,
    pending: Pending,
    calls: Calls,
    connections: Connections,
    ladder: Ladder,
    segments: Segments,
    openings: Openings,
    arrivals: AllArrivals,
    moments: Moments,
    events: usize,
}

impl Timeline {
    /// The timeline of an experiment before its first event.
    #[must_use]
    pub fn new(experiment: &Experiment) -> Self {
        Self {
            programs: vec![History::default(); experiment.programs.len()],
            pending: Pending::default(),
            calls: Calls::default(),
            connections: Connections::new(experiment),
            ladder: Ladder::default(),
            segments: Segments::default(),
            openings: Openings::default(),
            arrivals: AllArrivals::default(),
            moments: Moments::default(),
            events: 0,
        }
    }

    /// Adds the next event of the trace.
    pub fn push(&mut self, event: &Event) {
        self.extend(std::slice::from_ref(event));
    }

    /// Adds the next events of the trace. That is quicker than one by one if there are many connections.
    pub fn extend(&mut self, events: &[Event]) {
        for event in events {
            self.add(event);
        }
        self.connections.pass(self.events);
    }

    fn add(&mut self, event: &Event) {
        let index = self.events;
        self.events += 1;
        let Some(history) = self.programs.get_mut(event.program) else { return };
        history.push(index, event);
        let call = self.pending.push(index, event);
        self.calls.push(index, event, call.as_ref());
        self.ladder.push(index, event, call.as_ref(), &self.connections);
        self.segments.push(index, event);
        let before = self.connections.all().len();
        self.connections.push(index + 1, event, call.as_ref(), &self.pending, &self.segments);
        for (number, connection) in self.connections.all().iter().enumerate().skip(before) {
            self.openings.begin(index, number, connection);
        }
        if self.connections.all().len() > before {
            self.arrivals.begin(&self.segments, &self.openings);
        }
        self.openings.push(index, event);
        self.arrivals.push(index, event, &self.segments, &self.openings);
        self.moments.push(index, event);
    }

    /// What a program did. Empty if there is no such program.
    #[must_use]
    pub fn program(&self, program: usize) -> &History {
        self.programs.get(program).unwrap_or(const { &History::new() })
    }

    /// The system calls, in the order in which they were made.
    #[must_use]
    pub fn calls(&self) -> &[CallHistory] {
        self.calls.all()
    }

    /// The connections, in the order in which they began.
    #[must_use]
    pub fn connections(&self) -> &[Connection] {
        self.connections.all()
    }

    /// Every flow: for each connection, first to the server and then from it.
    #[must_use]
    pub fn flows(&self) -> &[Flow] {
        self.connections.flows()
    }

    /// The index of the first flow that has bytes. `None` if none has.
    #[must_use]
    pub const fn first_used_flow(&self) -> Option<usize> {
        self.connections.first_used()
    }

    /// The rungs of the ladder, in order.
    #[must_use]
    pub fn rungs(&self) -> &[Rung] {
        self.ladder.rungs()
    }

    /// The segments, in the order in which they were sent. None if no segment was captured.
    #[must_use]
    pub fn segments(&self) -> &[SegmentHistory] {
        self.segments.all()
    }

    /// Whether the wire keeps a segment in hand.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.segments.held() > 0
    }

    /// The flow whose bytes a segment of the trace has. `None` if its connection is not known.
    #[must_use]
    pub fn flow_of(&self, segment: &Segment) -> Option<&Flow> {
        self.flows().get(self.openings.flow(usize::try_from(segment.number).ok()?)?)
    }

    /// What has arrived of one of the flows, as far as segments tell.
    #[must_use]
    pub fn arrivals(&self, flow: &Flow) -> &Arrivals {
        self.arrivals.of(2 * flow.connection + usize::from(!flow.to_server))
    }

    /// The moments to show, as numbers of events. The first is 0, before the first event.
    #[must_use]
    pub fn moments(&self) -> &[usize] {
        self.moments.numbers()
    }
}
