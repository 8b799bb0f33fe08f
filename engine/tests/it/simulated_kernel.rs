//! The simulated kernel on experiments of every kind: each run ends, loses no byte, and is repeatable.

use std::collections::BTreeSet;

use framescope_engine::{Run, SimulatedKernel, play_simulated, simulate, simulate_freely};
use framescope_framing::HeaderFormat;
use framescope_lab::{
    Call, ChunkSizes, Event, EventKind, Experiment, MAX_CALLS, MAX_DATA, MAX_EVENTS, MAX_SEND,
    MAX_STEPS, OutOfBounds, Program, RunEnd, Side, Texts, Trace, TraceError, find_variant,
    variants,
};
use framescope_record::{Data, Source};
use proptest::collection::vec;
use proptest::prelude::*;

fn any_call() -> impl Strategy<Value = Call> {
    let data = || vec(any::<u8>(), 0..40).prop_map(Data);
    prop_oneof![
        (0_u16..3).prop_map(|backlog| Call::Listen { backlog }),
        Just(Call::Accept),
        Just(Call::Connect),
        data().prop_map(Call::Send),
        data().prop_map(Call::SendMessage),
        prop_oneof![Just(-1), Just(0x7fff_ffff), 0_i64..40].prop_map(Call::SendHeader),
        (1_u32..100).prop_map(Call::Recv),
        (1_u32..100).prop_map(Call::RecvExact),
        Just(Call::RecvNaive),
        Just(Call::RecvMessage),
        (0_u32..100).prop_map(|ms| Call::Sleep { ms }),
        any::<bool>().prop_map(Call::SetNodelay),
        (1_u32..100).prop_map(Call::SetRecvBuffer),
        (1_u32..100).prop_map(Call::SetSendBuffer),
        Just(Call::ShutdownWrite),
        Just(Call::Close),
        Just(Call::Reset),
    ]
}

fn any_experiment() -> impl Strategy<Value = Experiment> {
    let program = || vec(any_call(), 0..12).prop_map(Program);
    (program(), vec(program(), 1..4)).prop_flat_map(|(server, clients)| {
        let sides = u8::try_from(clients.len()).expect("a few clients") + 1;
        vec(0..sides, 0..30).prop_map(move |order| Experiment {
            header: HeaderFormat::LITTLE_SIGNED,
            server: server.clone(),
            clients: clients.clone(),
            order: order.into_iter().map(Side).collect(),
        })
    })
}

/// All that a side sent, and all that it received, in order.
fn bytes(trace: &Trace, side: Side) -> (Vec<u8>, Vec<u8>) {
    let (mut sent, mut received) = (Vec::new(), Vec::new());
    for event in trace.events.iter().filter(|event| event.side == side) {
        match &event.kind {
            EventKind::Sent(data) => sent.extend_from_slice(&data.0),
            EventKind::Received { got, .. } => received.extend_from_slice(&got.0),
            _ => {}
        }
    }
    (sent, received)
}

proptest! {
    #[test]
    fn every_experiment_ends_and_its_trace_is_the_same_each_time(experiment in any_experiment()) {
        let trace = simulate(&experiment).unwrap();
        prop_assert_eq!(&simulate(&experiment).unwrap(), &trace);
        prop_assert!(trace.events.windows(2).all(|pair| pair[0].at <= pair[1].at));
        prop_assert_eq!(Trace::from_json(&trace.to_json()), Ok(trace));
    }

    #[test]
    fn the_bytes_that_one_side_receives_are_the_first_bytes_that_the_other_sent(
        server in vec(any_call(), 0..12),
        client in vec(any_call(), 0..12),
    ) {
        // One connection, so that each side has one peer.
        let dialled = |call: &Call| !matches!(call, Call::Listen { .. } | Call::Accept | Call::Connect);
        let mut server: Vec<_> = server.into_iter().filter(dialled).collect();
        let mut client: Vec<_> = client.into_iter().filter(dialled).collect();
        server.splice(0..0, [Call::Listen { backlog: 1 }, Call::Accept]);
        client.insert(0, Call::Connect);
        let trace = simulate(&Experiment {
            header: HeaderFormat::LITTLE_SIGNED,
            server: Program(server),
            clients: vec![Program(client)],
            order: vec![Side::SERVER, Side::CLIENT, Side::SERVER],
        })
        .unwrap();
        let (server_sent, server_received) = bytes(&trace, Side::SERVER);
        let (client_sent, client_received) = bytes(&trace, Side::CLIENT);
        prop_assert!(client_sent.starts_with(&server_received));
        prop_assert!(server_sent.starts_with(&client_received));
    }

    #[test]
    fn a_program_printed_as_python_parses_to_the_same_program(calls in vec(any_call(), 0..20)) {
        for side in [Side::SERVER, Side::CLIENT] {
            let own = |call: &Call| match call {
                Call::Listen { .. } | Call::Accept => side == Side::SERVER,
                Call::Connect => side == Side::CLIENT,
                _ => true,
            };
            let program = Program(calls.iter().filter(|call| own(call)).cloned().collect());
            prop_assert_eq!(Program::parse(&program.to_python(side), side), Ok(program));
        }
    }

    #[test]
    fn any_text_is_refused_or_parses_to_a_program(text in "(client|server|conn|time|recv|sendall|[a-z.(),'\"b*0-9 #=\\\\\n你-]){0,60}") {
        for side in [Side::SERVER, Side::CLIENT] {
            if let Ok(program) = Program::parse(&text, side) {
                prop_assert_eq!(Program::parse(&program.to_python(side), side), Ok(program));
            }
        }
    }

    #[test]
    fn any_json_is_refused_without_a_panic(json in "\\PC{0,200}") {
        prop_assert!(matches!(Trace::from_json(&json), Err(TraceError::Json(_))));
    }
}

fn with_server(calls: Vec<Call>) -> Experiment {
    Experiment {
        header: HeaderFormat::LITTLE_SIGNED,
        server: Program(calls),
        clients: Vec::new(),
        order: Vec::new(),
    }
}

#[test]
fn an_experiment_over_a_bound_is_refused_and_the_error_names_the_bound() {
    for (experiment, error) in [
        (with_server(vec![Call::Accept; 257]), OutOfBounds::Calls { count: MAX_CALLS + 1 }),
        (
            with_server(vec![Call::Send(Data(vec![0; MAX_SEND + 1]))]),
            OutOfBounds::Send { length: MAX_SEND + 1 },
        ),
        (
            with_server(vec![Call::Send(Data(vec![0; MAX_SEND])); 16]),
            OutOfBounds::Data { length: 16 * MAX_SEND },
        ),
        (with_server(vec![Call::Recv(0)]), OutOfBounds::Recv { length: 0 }),
        (with_server(vec![Call::Sleep { ms: 60_001 }]), OutOfBounds::Sleep { ms: 60_001 }),
        (
            Experiment { order: vec![Side(1)], ..with_server(Vec::new()) },
            OutOfBounds::Order { side: 1 },
        ),
        (
            Experiment { order: vec![Side(0); MAX_STEPS + 1], ..with_server(Vec::new()) },
            OutOfBounds::Steps { count: MAX_STEPS + 1 },
        ),
        (
            Experiment { clients: vec![Program::default(); 16], ..with_server(Vec::new()) },
            OutOfBounds::Clients { count: 16 },
        ),
    ] {
        assert_eq!(simulate(&experiment), Err(error));
    }
}

#[test]
fn a_run_ends_when_its_trace_is_full() {
    let large = Call::Send(Data(vec![b'x'; MAX_SEND]));
    let trace = simulate(&Experiment {
        server: Program(vec![
            Call::Listen { backlog: 0 },
            Call::Accept,
            Call::RecvExact(1_000_000),
        ]),
        clients: vec![Program(vec![Call::SetSendBuffer(1), Call::Connect, large.clone(), large])],
        ..with_server(Vec::new())
    })
    .unwrap();
    assert_eq!((trace.events.len(), trace.end), (MAX_EVENTS, Some(RunEnd::RecordFull)));
    assert!(Trace::from_json(&trace.to_json()).is_ok());
}

#[test]
fn a_trace_that_cannot_have_happened_is_refused() {
    let experiment = with_server(vec![Call::Listen { backlog: 0 }]);
    let trace = simulate(&experiment).unwrap();
    let broken = |change: fn(&mut Trace)| {
        let mut trace = trace.clone();
        change(&mut trace);
        Trace::from_json(&trace.to_json())
    };
    assert_eq!(broken(|trace| trace.events[1].call = 1), Err(TraceError::Event(2)));
    assert_eq!(broken(|trace| trace.events[1].side = Side(1)), Err(TraceError::Event(2)));
    assert_eq!(broken(|trace| trace.events[0].at = 1_000_000), Err(TraceError::Event(2)));
    assert_eq!(broken(|trace| trace.events[1].at = 1 << 63), Err(TraceError::Event(2)));
    assert_eq!(broken(|trace| drop(trace.events.remove(0))), Err(TraceError::Event(1)));
    assert_eq!(broken(|trace| trace.events[0].tcp_info.clear()), Err(TraceError::Event(1)));
    let json = trace.to_json().replace("\"version\":1", "\"version\":2");
    assert_eq!(Trace::from_json(&json), Err(TraceError::Version(2)));
}

#[test]
fn a_free_run_loses_no_byte_and_its_chunk_sizes_depend_on_the_seed() {
    let experiment = find_variant("4a").expect("the lesson is there").experiment();
    let chunk_sizes: BTreeSet<String> = (0..200)
        .map(|seed| {
            let trace = simulate_freely(&experiment, seed).expect("lessons are within bounds");
            assert_eq!(bytes(&trace, Side::SERVER).1, b"hellohellohello");
            ChunkSizes::of(&experiment, &trace.events).to_string()
        })
        .collect();
    let all = ["10+5", "15", "5+10", "5+5+5"].map(str::to_owned);
    assert_eq!(chunk_sizes, BTreeSet::from(all));
}

#[test]
fn a_trace_that_receives_bytes_that_nobody_sent_is_refused() {
    let variant = find_variant("4a").expect("the lesson is there");
    let mut trace = simulate(&variant.experiment()).expect("lessons are within bounds");
    let received = |event: &mut Event| match &mut event.kind {
        EventKind::Received { got, .. } if !got.0.is_empty() => got.0[0] ^= 1,
        _ => {}
    };
    trace.events.iter_mut().for_each(received);
    assert!(matches!(Trace::from_json(&trace.to_json()), Err(TraceError::Event(_))));
}

#[test]
fn every_lesson_has_the_outcome_that_its_expected_choice_names() {
    for variant in variants() {
        let (name, expected) = (variant.name, variant.expected);
        let trace = simulate(&variant.experiment()).expect("lessons are within bounds");
        assert_eq!(variant.outcome(&trace), Some(expected), "lesson {name}");
        assert!(expected < Texts::of(variant, "en").choices.len());
        let empty = Trace::new(Source::Simulated, variant.experiment());
        assert_eq!(variant.outcome(&empty), None, "lesson {name} before its first step");
    }
}

#[test]
fn a_trace_with_pauses_between_calls_has_no_round_trip_time() {
    let variant = find_variant("12b").expect("the lesson is there");
    let mut trace = simulate(&variant.experiment()).expect("lessons are within bounds");
    assert!(variant.round_trip(&trace).is_some_and(|time| time < 5000));
    let half = trace.events.len() / 2;
    for event in &mut trace.events[half..] {
        event.at += 2_000_000;
    }
    assert_eq!((variant.round_trip(&trace), variant.outcome(&trace)), (None, None));
}

#[test]
fn play_returns_before_the_events_to_take_are_large() {
    let large = Call::Send(Data(vec![b'x'; MAX_SEND]));
    let mut client = vec![Call::Connect];
    client.extend(vec![large; MAX_DATA / MAX_SEND]);
    let mut server = vec![Call::Listen { backlog: 1 }, Call::Accept];
    server.extend(vec![Call::Recv(1024 * 1024); MAX_CALLS - 2]);
    let experiment = Experiment {
        header: HeaderFormat::LITTLE_SIGNED,
        server: Program(server),
        clients: vec![Program(client)],
        order: Vec::new(),
    };
    let mut run = Run::new(&experiment, SimulatedKernel::new(1)).expect("it is within bounds");
    let (mut end, mut largest) = (None, 0);
    while end.is_none() {
        end = play_simulated(&mut run);
        largest = run.take_events().iter().map(Event::encoded_bound).sum::<usize>().max(largest);
    }
    assert_eq!(end, Some(RunEnd::Finished));
    assert!(largest < 4 * 1024 * 1024, "{largest} bytes at once");
}
