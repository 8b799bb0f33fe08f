//! Every lesson runs on real sockets and on the simulated kernel. The results must agree, and real sockets
//! must do what the lesson says.

use crate::MACHINE;
use crate::support::told::calls_of;
use framescope::measure;
use framescope_engine::simulate;
use framescope_lab::{
    BlockedOn, CallError, Errno, Event, EventKind, Experiment, Side, TcpState, Trace, Value,
    find_variant, variants,
};

fn measured(name: &str) -> Trace {
    let variant = find_variant(name).expect("the lesson is there");
    measure_alone(&variant.experiment())
}

fn measure_alone(experiment: &Experiment) -> Trace {
    let _machine = MACHINE.blocking_lock();
    measure(experiment).expect("this machine has sockets")
}

/// The states at the end. The last FIN may not be acknowledged yet. Two states that differ only in this
/// count as one.
fn last_states(trace: &Trace) -> Vec<Option<TcpState>> {
    let tcp_info = &trace.events.last().expect("something happened").tcp_info;
    let calm = |state| match state {
        TcpState::FinWait1 => TcpState::FinWait2,
        TcpState::LastAck => TcpState::Closed,
        state => state,
    };
    tcp_info.iter().map(|info| info.state.map(calm)).collect()
}

#[test]
fn every_lesson_goes_the_same_way_on_real_sockets_and_on_the_simulated_kernel() {
    for variant in variants() {
        let name = variant.name;
        let experiment = variant.experiment();
        let real = measure_alone(&experiment);
        let model = simulate(&experiment).expect("lessons are within bounds");
        let calls: usize =
            experiment.sides().filter_map(|side| experiment.program(side)).map(|p| p.0.len()).sum();
        for side in experiment.sides() {
            let (mut real, mut model) =
                (calls_of(&real.events, side), calls_of(&model.events, side));
            if experiment.order.len() < calls {
                // If programs run freely, whether a call had to wait depends on microseconds.
                for call in real.iter_mut().chain(&mut model) {
                    call.waited_for = None;
                }
            }
            assert_eq!(real, model, "lesson {name}, {side:?}");
        }
        assert_eq!(last_states(&real), last_states(&model), "lesson {name}");
    }
}

#[test]
fn a_measured_trace_survives_json() {
    let trace = measured("4a");
    assert_eq!(Trace::from_json(&trace.to_json()), Ok(trace));
}

/// What the `recv` calls of a side returned, in order.
fn received(trace: &Trace, side: Side) -> Vec<String> {
    let events = trace.events.iter().filter(|event| event.side == side);
    let got = |event: &Event| match &event.kind {
        EventKind::Received { got, .. } => Some(got.to_string()),
        _ => None,
    };
    events.filter_map(got).collect()
}

fn values(trace: &Trace, side: Side) -> Vec<Value> {
    calls_of(&trace.events, side).into_iter().filter_map(|call| call.value).collect()
}

/// The event that begins a side's call of this index.
fn before(trace: &Trace, side: Side, call: u16) -> &Event {
    let begins =
        |event: &Event| event.side == side && event.call == call && event.kind == EventKind::Began;
    trace.events.iter().find(|event| begins(event)).expect("the call began")
}

#[test]
fn lesson_1_connect_returns_before_accept_is_called() {
    let trace = measured("1");
    let accepting = before(&trace, Side::SERVER, 1);
    assert_eq!(accepting.tcp_info[1].state, Some(TcpState::Established));
}

#[test]
fn lesson_3_one_more_than_the_backlog_is_established_and_the_rest_wait() {
    let trace = measured("3");
    let accepting = before(&trace, Side::SERVER, 1);
    let states: Vec<_> = accepting.tcp_info[1..].iter().filter_map(|f| f.state).collect();
    let (open, waiting) = (TcpState::Established, TcpState::SynSent);
    assert_eq!(states, [open, open, waiting, waiting, waiting]);
    let connected = |side: u8| values(&trace, Side(side)) == [Value::Nothing];
    assert!((1..=5).all(connected), "each accept lets one more in");
}

#[test]
fn lesson_4_three_sends_arrive_as_one_after_fifteen_bytes_have_waited() {
    let trace = measured("4");
    assert_eq!(before(&trace, Side::SERVER, 2).tcp_info[0].unread, Some(15));
    assert_eq!(received(&trace, Side::SERVER), ["b'hellohellohello'", "b''", "b''"]);
    assert_eq!(received(&measured("4b"), Side::SERVER), ["b'hello'"; 3]);
}

#[test]
fn lesson_5_recv_cuts_and_the_rest_comes_with_the_next() {
    assert_eq!(received(&measured("5"), Side::SERVER), ["b'hello'", "b' worl'", "b'd!again'"]);
}

#[test]
fn lessons_6_and_7_only_the_reader_that_waits_gets_the_messages() {
    let messages = |name| {
        let values = values(&measured(name), Side::SERVER);
        let text = |value: Value| match value {
            Value::Message(data) => Some(data.to_string()),
            _ => None,
        };
        values.into_iter().filter_map(text).collect::<Vec<_>>()
    };
    assert_eq!(messages("6"), ["b'hello'", "b'hello world!'", "b''"]);
    assert_eq!(messages("7a"), ["b'hello '"]);
    assert_eq!(messages("7b"), ["b'hello world!'", "b'again'"]);
}

#[test]
fn lessons_8_and_9_a_length_that_cannot_be_is_refused_with_its_number() {
    let last = |name| values(&measured(name), Side::SERVER).pop();
    let limit = 1024 * 1024;
    let too_long = |declared| Some(Value::Error(CallError::TooLong { declared, limit }));
    assert_eq!(last("8"), too_long(83_886_080));
    assert_eq!(last("9a"), Some(Value::Error(CallError::Negative { declared: -1 })));
    assert_eq!(last("9b"), too_long(0x7fff_ffff));
}

#[test]
fn lesson_10_half_a_character_is_no_text_and_the_message_is() {
    let trace = measured("10");
    let got: Vec<_> =
        calls_of(&trace.events, Side::SERVER).into_iter().map(|call| call.received).collect();
    assert!(std::str::from_utf8(&got[2]).is_err());
    let Some(Value::Message(message)) = values(&trace, Side::SERVER).pop() else {
        panic!("the last call returns a message");
    };
    assert_eq!(message.0, "你好".as_bytes());
}

#[test]
fn lesson_11_an_end_between_messages_is_none_in_the_middle_of_one() {
    assert_eq!(values(&measured("11a"), Side::SERVER).pop(), Some(Value::EndOfStream));
    let truncated = Value::Error(CallError::Truncated { missing: 6 });
    assert_eq!(values(&measured("11b"), Side::SERVER).pop(), Some(truncated));
}

/// The median time, in microseconds, from the client's first send of a request to its reply.
fn median_round_trip(trace: &Trace) -> u64 {
    let mut times = Vec::new();
    let mut asked = None;
    for event in trace.events.iter().filter(|event| event.side == Side::CLIENT) {
        match &event.kind {
            EventKind::Sent(_) => asked = asked.or(Some(event.at)),
            EventKind::Returned(Value::Message(_)) => {
                times.extend(asked.take().map(|asked| event.at - asked));
            }
            _ => {}
        }
    }
    times.sort_unstable();
    times[times.len() / 2]
}

#[test]
fn lesson_12_nagle_makes_two_small_sends_slow_and_nothing_else() {
    for run in [measured, simulated] {
        let two_sends = median_round_trip(&run("12a"));
        for name in ["12b", "12c"] {
            let quick = median_round_trip(&run(name));
            assert!(two_sends >= 20 * quick, "lesson {name}: {two_sends} us against {quick} us");
        }
    }
}

fn simulated(name: &str) -> Trace {
    let variant = find_variant(name).expect("the lesson is there");
    simulate(&variant.experiment()).expect("lessons are within bounds")
}

#[test]
fn lesson_13_half_a_close_lets_late_bytes_through_and_unread_bytes_make_a_reset() {
    let trace = measured("13a");
    let sending = before(&trace, Side::SERVER, 4);
    assert_eq!(sending.tcp_info[0].state, Some(TcpState::CloseWait));
    assert_eq!(received(&trace, Side::CLIENT), ["b'late, and it arrives'", "b''"]);
    let reset = Value::Error(CallError::Errno(Errno::ConnectionReset));
    assert_eq!(values(&measured("13b"), Side::CLIENT).pop(), Some(reset));
}

#[test]
fn lesson_14_acknowledged_is_not_read_and_a_recv_frees_a_send() {
    let trace = measured("14");
    let sending = before(&trace, Side::CLIENT, 3);
    assert_eq!(sending.tcp_info[0].unread, Some(1000));
    assert_eq!(sending.tcp_info[1].unacknowledged, Some(0));
    let client = calls_of(&trace.events, Side::CLIENT);
    assert_eq!(client[3].waited_for, Some(BlockedOn::BufferSpace));
    assert_eq!(client[3].value, Some(Value::Nothing));
}
