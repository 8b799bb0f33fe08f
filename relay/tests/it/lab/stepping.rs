//! Experiments that are stepped by hand.

use framescope_lab::{BlockedOn, Call, Command, Event, EventKind, Report, RunEnd, Side, Value};

use super::client::{LabClient, blocks, experiment, lesson, sleeper};
use crate::support::TestRelay;
use crate::support::told::calls_of;

/// What the `recv` calls of the server got, as Python prints it.
fn received(events: &[Event]) -> Vec<String> {
    let got = |event: &Event| match &event.kind {
        EventKind::Received { got, .. } if event.side == Side::SERVER => Some(got.to_string()),
        _ => None,
    };
    events.iter().filter_map(got).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn lesson_4_stepped_by_hand_receives_what_the_lesson_says() {
    let relay = TestRelay::start().await;
    let mut client = LabClient::with(relay.http, lesson("4a")).await;
    // A busy kernel may deliver the last bytes after the client's close. Then try again.
    loop {
        let mut events = Vec::new();
        for side in [0, 1, 0, 1, 1, 1, 1].map(Side) {
            events.extend(client.step(side).await);
        }
        let unread = events.last().and_then(|event| event.tcp_info.first()?.unread);
        if cfg!(target_os = "linux") && unread != Some(15) {
            client.command(&Command::Reset).await;
            assert_eq!(client.report().await, Report::Loaded);
            continue;
        }
        for _ in 0..3 {
            client.command(&Command::Step(Side::SERVER)).await;
        }
        events.extend(client.events_to_the_end().await.0);
        assert_eq!(received(&events), ["b'hellohellohello'", "b''", "b''"]);
        break;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_step_is_the_one_of_the_order() {
    let relay = TestRelay::start().await;
    let mut client = LabClient::with(relay.http, lesson("4a")).await;
    for side in [0, 1, 0, 1].map(Side) {
        client.command(&Command::StepNext).await;
        let returned = EventKind::Returned(Value::Nothing);
        let events = client.events_until(|event| event.kind == returned).await;
        assert!(events.iter().all(|event| event.side == side), "{side:?}: {events:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_waits_is_reported_and_goes_on_when_the_other_side_lets_it() {
    let relay = TestRelay::start().await;
    let mut client = LabClient::with(relay.http, lesson("2a")).await;
    client.step(Side::SERVER).await;
    let waits = client.step(Side::SERVER).await;
    assert!(waits.iter().any(blocks(BlockedOn::Client)), "{waits:?}");
    client.command(&Command::Step(Side::CLIENT)).await;
    let accepted = EventKind::Accepted(Some(Side::CLIENT));
    let events = client.events_until(|event| event.kind == accepted).await;
    let connected = |event: &Event| {
        event.side == Side::CLIENT && event.kind == EventKind::Returned(Value::Nothing)
    };
    assert!(events.iter().any(connected), "{events:?}");
    let waits = client.step(Side::SERVER).await;
    assert!(waits.iter().any(blocks(BlockedOn::Bytes)), "{waits:?}");
    client.command(&Command::Step(Side::CLIENT)).await;
    let events = client.events_until(|event| event.side == Side::SERVER).await;
    assert_eq!(received(&events), ["b'hello, server'"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sleeping_program_wakes_by_itself() {
    let relay = TestRelay::start().await;
    let nap = experiment(vec![Call::Sleep { ms: 30 }], vec![]);
    let mut client = LabClient::with(relay.http, nap).await;
    client.command(&Command::Step(Side::SERVER)).await;
    let (events, _) = client.events_to_the_end().await;
    let calls = calls_of(&events, Side::SERVER);
    assert_eq!(calls[0].waited_for, Some(BlockedOn::Clock));
    assert_eq!(calls[0].value, Some(Value::Nothing));
    let slept = events.last().expect("something happened").at - events[0].at;
    assert!(slept >= 30_000, "it slept for {slept} us");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_programs_have_ended_is_over_and_steps_no_more() {
    let relay = TestRelay::start().await;
    let one_call = experiment(vec![Call::Listen { backlog: 0 }], vec![]);
    let mut client = LabClient::with(relay.http, one_call).await;
    client.step(Side::SERVER).await;
    assert_eq!(client.report().await, Report::Over(RunEnd::Finished));
    for command in [Command::Step(Side::SERVER), Command::StepNext, Command::Play, Command::Reset] {
        client.command(&command).await;
    }
    assert_eq!(client.report().await, Report::Loaded);
    client.step(Side::SERVER).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_of_a_side_that_cannot_be_stepped_does_nothing() {
    let relay = TestRelay::start().await;
    let mut client = LabClient::with(relay.http, sleeper()).await;
    client.step(Side::SERVER).await;
    for side in [0, 2, 255].map(Side) {
        client.command(&Command::Step(side)).await;
    }
    let events = client.step(Side::CLIENT).await;
    assert!(events.iter().all(|event| event.side == Side::CLIENT), "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_or_a_reset_in_the_middle_begins_again() {
    let relay = TestRelay::start().await;
    let mut client = LabClient::with(relay.http, lesson("2b")).await;
    for restart in [Command::Reset, Command::Load(lesson("2b"))] {
        client.step(Side::SERVER).await;
        let waits = client.step(Side::SERVER).await;
        assert!(waits.iter().any(blocks(BlockedOn::Client)), "{waits:?}");
        client.command(&restart).await;
        assert_eq!(client.report().await, Report::Loaded);
    }
    let events = client.step(Side::SERVER).await;
    assert_eq!((events[0].call, &events[0].kind), (0, &EventKind::Began));
}
