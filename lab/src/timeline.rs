//! A trace as lanes over stream offsets: for each direction of each connection the sends, the bytes
//! that wait in a kernel's buffer, the chunks, and the messages in them.
//!
//! Events are counted from 1. A [`Moment`](crate::Moment) is the picture after one of them.

use framescope_framing::{DEFAULT_MAX_PAYLOAD, HeaderFormat};

use crate::record::{Direction, Record};
use crate::{BlockedOn, Call, Event, Experiment, Happened, Program, Side, Value};

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
    /// Whose connection the server's calls act on.
    accepted: Option<Side>,
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
                record: record(experiment.header),
                reads_headers: false,
            })
            .collect();
        let reads_headers = |call: &Call| matches!(call, Call::RecvMessage | Call::RecvNaive);
        let readers = experiment
            .sides()
            .filter_map(|side| experiment.program(side))
            .map(|program| program.0.iter().position(reads_headers))
            .collect();
        Self { flows, readers, accepted: None, events: 0, moments: vec![0], last: None }
    }

    /// Adds the next event of the trace.
    pub fn push(&mut self, event: &Event) {
        self.events += 1;
        let number = self.events;
        for flow in &mut self.flows {
            flow.record.pass(number);
        }
        match &event.happened {
            Happened::Accepted(client) => self.accepted = *client,
            Happened::Began => self.begin(event.side, usize::from(event.call)),
            Happened::Sent(data) => {
                if let Some(flow) = self.flow_of(event.side, |flow| flow.from) {
                    let given = u32::try_from(data.0.len()).unwrap_or(u32::MAX);
                    flow.record.push(number, Direction::Sent, &data.0, given, event.at);
                }
            }
            Happened::Received { asked, got } => {
                if let Some(flow) = self.flow_of(event.side, |flow| flow.to) {
                    if got.0.is_empty() {
                        flow.record.end(number);
                    } else {
                        flow.record.push(number, Direction::Received, &got.0, *asked, event.at);
                    }
                }
            }
            _ => {}
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
        let rests = matches!(event.happened, Happened::Blocked(_) | Happened::Returned(_));
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
        let client = if side == Side::SERVER { self.accepted? } else { side };
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

/// An empty record of a flow.
pub(crate) fn record(format: HeaderFormat) -> Record {
    Record::new(format, DEFAULT_MAX_PAYLOAD)
}

/// Does the sender put headers in front, or the receiver look for them?
fn is_framed(experiment: &Experiment, from: Side, to: Side) -> bool {
    let has = |side, is: fn(&Call) -> bool| {
        experiment.program(side).is_some_and(|program| program.0.iter().any(is))
    };
    has(from, |call| matches!(call, Call::SendMessage(_) | Call::SendHeader(_)))
        || has(to, |call| matches!(call, Call::RecvMessage | Call::RecvNaive))
}

/// Where a program stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The index of the call under way, or where none is, of the next one.
    pub call: usize,
    /// How far it is.
    pub state: CallState,
}

/// How far a program's call is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallState {
    /// It is the next one.
    Next,
    /// It waits.
    Blocked(BlockedOn),
    /// It is under way: seen only in the moment between two system calls.
    UnderWay,
    /// The program has ended, after its last call.
    Ended,
    /// The program has ended in an error, in this call.
    Failed,
}

/// Where a program stands after these events.
#[must_use]
pub fn standing(program: &Program, side: Side, events: &[Event]) -> Standing {
    let ended = |call: usize| {
        let state = if call < program.0.len() { CallState::Next } else { CallState::Ended };
        Standing { call, state }
    };
    let Some(last) = events.iter().rfind(|event| event.side == side) else { return ended(0) };
    let call = usize::from(last.call);
    match &last.happened {
        Happened::Returned(Value::Error(_)) => Standing { call, state: CallState::Failed },
        Happened::Returned(_) => ended(call + 1),
        Happened::Blocked(on) => Standing { call, state: CallState::Blocked(*on) },
        _ => Standing { call, state: CallState::UnderWay },
    }
}

/// Whose call the experiment's order has next after these events; `None` where nobody is ready.
#[must_use]
pub fn next_side(experiment: &Experiment, events: &[Event]) -> Option<Side> {
    let is_ready = |side: Side| {
        experiment
            .program(side)
            .is_some_and(|program| standing(program, side, events).state == CallState::Next)
    };
    let mut begun = vec![0_usize; experiment.clients.len() + 1];
    for event in events.iter().filter(|event| event.happened == Happened::Began) {
        if let Some(count) = begun.get_mut(usize::from(event.side.0)) {
            *count += 1;
        }
    }
    let of_order = experiment.order.iter().copied().find(|side| {
        let Some(count) = begun.get_mut(usize::from(side.0)) else { return false };
        if *count > 0 {
            *count -= 1;
            return false;
        }
        is_ready(*side)
    });
    of_order.or_else(|| experiment.sides().find(|side| is_ready(*side)))
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Lesson, Trace, Variant, simulate};

    fn trace(name: &str) -> Trace {
        simulate(&Variant::find(name).unwrap().experiment()).unwrap()
    }

    fn timeline(trace: &Trace) -> Timeline {
        let mut timeline = Timeline::new(&trace.experiment);
        for event in &trace.events {
            timeline.push(event);
        }
        timeline
    }

    #[test]
    fn three_sends_wait_in_the_kernel_and_come_as_one_chunk() {
        let timeline = timeline(&trace("4a"));
        let flow = &timeline.flows()[0];
        assert_eq!((flow.from, flow.to, flow.is_framed), (Side::CLIENT, Side::SERVER, false));
        let (sent, received) =
            (flow.record.stream(Direction::Sent), flow.record.stream(Direction::Received));
        assert_eq!(sent.chunk_numbers(), 0..3);
        assert_eq!(sent.chunk(1).unwrap().range, 5..10);
        assert_eq!(received.chunk_numbers(), 0..1);
        assert_eq!(
            (received.chunk(0).unwrap().range.clone(), received.chunk(0).unwrap().asked),
            (0..15, 1024)
        );
        // Before the first recv, fifteen bytes were sent and none received.
        let waiting = timeline
            .moments()
            .iter()
            .map(|number| flow.record.moment(Some(*number)))
            .find(|moment| moment.end(Direction::Sent) == 15)
            .unwrap();
        assert_eq!(waiting.end(Direction::Received), 0);
        assert!(flow.record.moment(None).has_ended());
    }

    #[test]
    fn every_byte_is_known_by_its_send_its_chunk_and_its_message() {
        let timeline = timeline(&trace("7b"));
        let flow = &timeline.flows()[0];
        assert!(flow.is_framed);
        let (sent, received) =
            (flow.record.stream(Direction::Sent), flow.record.stream(Direction::Received));
        // The header, "hello ", "world!", and the second message.
        for (byte, send, message) in
            [(0, 0, 0), (4, 1, 0), (9, 1, 0), (10, 2, 0), (16, 3, 1), (24, 3, 1)]
        {
            assert_eq!(sent.chunks_in(&(byte..byte + 1)), send..send + 1);
            assert_eq!(received.messages_in(&(byte..byte + 1)), message..message + 1);
            assert_eq!(received.chunks_in(&(byte..byte + 1)).len(), 1);
        }
    }

    #[test]
    fn headers_begin_where_the_receiver_first_looks_for_one() {
        let timeline = timeline(&trace("10a"));
        let record = &timeline.flows()[0].record;
        let received = record.stream(Direction::Received);
        assert_eq!((received.framed_from(), received.messages_until(received.end())), (6, 0..1));
        assert_eq!(received.rest(received.end()), crate::Rest::Nothing);
        assert_eq!(received.bytes(received.message(0).unwrap().payload.clone()), "你好".as_bytes());
    }

    #[test]
    fn a_call_that_does_not_wait_is_one_moment_and_one_that_waits_two() {
        let trace = trace("2a");
        let calls: usize = trace
            .experiment
            .sides()
            .filter_map(|side| trace.experiment.program(side))
            .map(|p| p.0.len())
            .sum();
        let waited =
            trace.events.iter().filter(|event| matches!(event.happened, Happened::Blocked(_)));
        assert_eq!(timeline(&trace).moments().len(), 1 + calls + waited.count());
    }

    #[test]
    fn the_next_side_is_the_one_that_a_run_would_step() {
        for variant in Lesson::all().flat_map(|lesson| lesson.variants) {
            let experiment = variant.experiment();
            let kernel = crate::SimulatedKernel::new(experiment.clients.len());
            let mut run = crate::Run::new(&experiment, kernel).unwrap();
            let mut events = Vec::new();
            loop {
                let next = next_side(&experiment, &events);
                assert_eq!(run.step_next(), next, "lesson {}", variant.name);
                if next.is_none() {
                    break;
                }
                run.settle_simulated();
                events.append(&mut run.take_events());
            }
        }
    }

    #[test]
    fn a_server_of_several_clients_sends_to_the_one_it_accepted_last() {
        let mut experiment = Variant::find("3").unwrap().experiment();
        experiment.server = Program(vec![
            Call::Listen { backlog: 5 },
            Call::Accept,
            Call::Accept,
            Call::Send(b"second".into()),
        ]);
        experiment.order.clear();
        let trace = simulate(&experiment).unwrap();
        let timeline = timeline(&trace);
        let sent = |flow: &Flow| flow.record.stream(Direction::Sent).end();
        let flows: Vec<_> = timeline.flows().iter().filter(|flow| sent(flow) > 0).collect();
        assert_eq!(flows.len(), 1);
        assert_eq!((flows[0].from, flows[0].to), (Side::SERVER, Side(2)));
    }
}
