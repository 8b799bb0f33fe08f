//! The timeline of the simulated kernel's traces.

use framescope_engine::{Run, SimulatedKernel, settle_simulated, simulate};
use framescope_lab::{
    Call, EventKind, Flow, Program, Side, Timeline, Trace, find_variant, next_side, variants,
};
use framescope_record::{Direction, Rest};

fn trace(name: &str) -> Trace {
    let variant = find_variant(name).expect("the lesson is there");
    simulate(&variant.experiment()).expect("lessons are within bounds")
}

fn timeline(trace: &Trace) -> Timeline {
    let mut timeline = Timeline::new(&trace.experiment);
    for event in &trace.events {
        timeline.push(event);
    }
    timeline
}

#[test]
fn three_sends_that_wait_in_the_kernel_are_received_as_one_chunk() {
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
    // There is a moment at which fifteen bytes were sent and none received.
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
fn the_send_the_chunk_and_the_message_of_every_byte_are_known() {
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
fn framing_begins_at_the_offset_of_the_first_recv_message() {
    let timeline = timeline(&trace("10a"));
    let record = &timeline.flows()[0].record;
    let received = record.stream(Direction::Received);
    assert_eq!((received.framed_from(), received.messages_until(received.end())), (6, 0..1));
    assert_eq!(received.rest(received.end()), Rest::Nothing);
    assert_eq!(received.bytes(received.message(0).unwrap().payload.clone()), "你好".as_bytes());
}

#[test]
fn a_call_is_one_moment_and_a_call_that_waits_is_two() {
    let trace = trace("2a");
    let calls: usize = trace
        .experiment
        .sides()
        .filter_map(|side| trace.experiment.program(side))
        .map(|p| p.0.len())
        .sum();
    let waited = trace.events.iter().filter(|event| matches!(event.kind, EventKind::Blocked(_)));
    assert_eq!(timeline(&trace).moments().len(), 1 + calls + waited.count());
}

#[test]
fn next_side_is_the_side_that_step_next_steps() {
    for variant in variants() {
        let experiment = variant.experiment();
        let kernel = SimulatedKernel::new(experiment.clients.len());
        let mut run = Run::new(&experiment, kernel).unwrap();
        let mut events = Vec::new();
        loop {
            let next = next_side(&experiment, &events);
            assert_eq!(run.step_next(), next, "lesson {}", variant.name);
            if next.is_none() {
                break;
            }
            settle_simulated(&mut run);
            events.append(&mut run.take_events());
        }
    }
}

#[test]
fn a_server_of_several_clients_sends_to_the_client_that_it_accepted_last() {
    let mut experiment = find_variant("3").unwrap().experiment();
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
